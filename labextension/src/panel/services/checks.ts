import { PathExt } from '@jupyterlab/coreutils';

import type { Repository, ServiceStatus } from '../../api/generated/api';
import type { INotebookOutcome } from '../../model/runs';
import { isAmong } from '../../model/runs';
import type { IHealthModel } from '../../model/tokens';

/** A notebook that checks a service, and its newest result. */
export interface IServiceCheck {
  repository: Repository;
  /** Relative to the checkout. */
  path: string;
  outcome: INotebookOutcome | undefined;
  /** Whether it was asked for, and is not known to have started. */
  isAsked: boolean;
}

/**
 * The notebooks of the checkouts here that check a service.
 *
 * Those that the catalogue names, and those whose rules name the application.
 */
export function checksOf(
  service: ServiceStatus,
  model: IHealthModel
): IServiceCheck[] {
  const checks: IServiceCheck[] = [];
  for (const repository of model.repositories.data?.repositories ?? []) {
    if (repository.state === 'absent') {
      continue;
    }
    const folder = model.folder(repository);
    const outcomes = folder === null ? undefined : model.runs.outcomes(folder);
    const asked = model.runs.starting.filter(
      run => run.repository === repository.id
    );
    const entries = model.notebooks(repository.id).data?.notebooks ?? [];
    for (const { path, application: owner, selected } of entries) {
      const isNamed = service.notebooks.includes(
        PathExt.join(repository.directory, path)
      );
      if (isNamed || (selected && owner === service.application)) {
        checks.push({
          repository,
          path,
          outcome: outcomes?.get(path),
          isAsked: asked.some(run => isAmong(run, path, selected))
        });
      }
    }
  }
  return checks;
}
