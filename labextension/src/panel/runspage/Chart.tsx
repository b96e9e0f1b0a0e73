import type { IThemeManager } from '@jupyterlab/apputils';
import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import type { JSONObject } from '@lumino/coreutils';
import { Widget } from '@lumino/widgets';
import React, {
  createContext,
  useContext,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState
} from 'react';

import { useHealth } from '../../components/context';
import type { IPalette } from './vega';
import { CHART_ROWS } from './vega';

/** JupyterLab's own renderer of Vega-Lite: none is brought along. */
export const MIME_TYPE = 'application/vnd.vegalite.v5+json';

/** What draws charts; each may be absent, the tables say it all. */
export interface ICharts {
  rendermime: IRenderMimeRegistry | null;
  themes: IThemeManager | null;
}

const FORCED_COLOURS = '(forced-colors: active)';

/** The user's own colours: drawings do not take them by themselves. */
const FORCED: IPalette = {
  text: 'CanvasText',
  line: 'CanvasText',
  background: 'Canvas',
  tones: {
    good: 'CanvasText',
    bad: 'Highlight',
    warn: 'LinkText',
    busy: 'LinkText',
    muted: 'GrayText'
  }
};

/** Carries it to the charts. */
export const ChartContext = createContext<ICharts>({
  rendermime: null,
  themes: null
});

/** A chart; the table beside it says the same, so readers skip it. */
export function Chart(props: {
  draw: (palette: IPalette) => JSONObject;
  /** How many rows there are to draw. */
  rows: number;
}): React.ReactElement {
  const { trans } = useHealth();
  const { rendermime, themes } = useContext(ChartContext);
  const palette = usePalette(themes);
  const { draw, rows } = props;
  const spec = useMemo(() => draw(palette), [draw, palette]);
  const ref = useRef<HTMLDivElement>(null);
  const [isBroken, setBroken] = useState(false);
  const isKnown = rendermime?.mimeTypes.includes(MIME_TYPE) ?? false;
  // Its end comes while the page is still there: Lumino wants that.
  useLayoutEffect(() => {
    const node = ref.current;
    if (!rendermime || !isKnown || !node) {
      return;
    }
    const renderer = rendermime.createRenderer(MIME_TYPE);
    Widget.attach(renderer, node);
    const model = rendermime.createModel({
      data: { [MIME_TYPE]: spec },
      metadata: {
        [MIME_TYPE]: { embed_options: { actions: false, renderer: 'svg' } }
      },
      trusted: true
    });
    setBroken(false);
    renderer.renderModel(model).catch(() => {
      setBroken(true);
    });
    return () => {
      renderer.dispose();
    };
  }, [rendermime, isKnown, spec]);
  const isDrawn = isKnown && !isBroken;
  return (
    <div>
      {!isDrawn && (
        <p className="jp-RSPHealth-hint">
          {trans.__(
            'The chart cannot be drawn in this lab; the table has all that it would show.'
          )}
        </p>
      )}
      {isDrawn && rows > CHART_ROWS && (
        <p className="jp-RSPHealth-hint">
          {trans.__(
            'The chart shows the first %1 of %2 rows; the table has all of them.',
            CHART_ROWS,
            rows
          )}
        </p>
      )}
      {/* It stays when nothing could be drawn: the next time, it may be. */}
      <div
        ref={ref}
        hidden={!isDrawn}
        className="jp-RSPHealth-chart"
        aria-hidden="true"
      />
    </div>
  );
}

function usePalette(themes: IThemeManager | null): IPalette {
  const [palette, setPalette] = useState(readPalette);
  useEffect(() => {
    const read = (): void => {
      setPalette(readPalette());
    };
    const forced = window.matchMedia(FORCED_COLOURS);
    themes?.themeChanged.connect(read);
    forced.addEventListener('change', read);
    return () => {
      themes?.themeChanged.disconnect(read);
      forced.removeEventListener('change', read);
    };
  }, [themes]);
  return palette;
}

function readPalette(): IPalette {
  if (window.matchMedia(FORCED_COLOURS).matches) {
    return FORCED;
  }
  const style = getComputedStyle(document.body);
  const read = (...names: string[]): string =>
    names.map(name => style.getPropertyValue(name).trim()).find(Boolean) ??
    'currentColor';
  return {
    text: read('--jp-ui-font-color1'),
    line: read('--jp-border-color1'),
    background: read('--jp-layout-color1'),
    tones: {
      good: read('--jp-success-color0', '--jp-success-color1'),
      bad: read('--jp-error-color1'),
      warn: read('--jp-warn-color0', '--jp-warn-color1'),
      busy: read('--jp-brand-color1'),
      muted: read('--jp-ui-font-color2')
    }
  };
}
