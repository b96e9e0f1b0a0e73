import type { NotebookPanel } from '@jupyterlab/notebook';
import { Panel, Widget } from '@lumino/widgets';

type Registry = NotebookPanel['content']['rendermime'];
type Factory = NonNullable<ReturnType<Registry['getFactory']>>;
type Renderer = ReturnType<Factory['createRenderer']>;
type RenderedModel = Parameters<Renderer['renderModel']>[0];

/** What Lab calls an error, and how it shows one. */
const ERROR = 'application/vnd.jupyter.error';
const STDERR = 'application/vnd.jupyter.stderr';
/** Before the type that errors are shown as otherwise. */
const RANK = 40;

/**
 * Put a button below each error that a notebook shows.
 *
 * @param registry - The notebook's own renderers.
 * @param label - What stands on the button.
 * @param onClick - Takes the button that was clicked.
 */
export function offerBelowErrors(
  registry: Registry,
  label: string,
  onClick: (button: Node) => void
): void {
  const own = registry.getFactory(ERROR);
  const base = own ?? registry.getFactory(STDERR);
  if (!base) {
    return;
  }
  registry.addFactory(
    {
      safe: true,
      mimeTypes: [ERROR],
      createRenderer: options =>
        new ErrorWithButton(
          base.createRenderer(own ? options : { ...options, mimeType: STDERR }),
          label,
          onClick
        )
    },
    RANK
  );
}

/** An error as Lab shows it, and a button below it. */
class ErrorWithButton extends Panel {
  constructor(
    renderer: Renderer,
    label: string,
    onClick: (button: Node) => void
  ) {
    super();
    this.addClass('jp-RSPHealth-error');
    this._renderer = renderer;
    this.addWidget(renderer);
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'jp-RSPHealth-button';
    button.textContent = label;
    button.addEventListener('click', () => {
      onClick(button);
    });
    const bar = new Widget();
    bar.addClass('jp-RSPHealth-errorActions');
    bar.node.append(button);
    this.addWidget(bar);
  }

  renderModel(model: RenderedModel): Promise<void> {
    return this._renderer.renderModel(model);
  }

  private readonly _renderer: Renderer;
}
