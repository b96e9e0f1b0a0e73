import type { ServiceStatus } from '../../api/generated/api';

/** One kind of data service, and the row that serves each dataset. */
export interface IMatrixLine {
  title: string;
  /** By dataset; null where it is not served. */
  cells: (ServiceStatus | null)[];
}

/** Which dataset is served by what. */
export interface IMatrix {
  datasets: string[];
  lines: IMatrixLine[];
}

/**
 * The data services by dataset, in the server's order.
 *
 * @param services - All rows.
 */
export function datasetMatrix(services: readonly ServiceStatus[]): IMatrix {
  const data = services.filter(({ datasets }) => datasets.length > 0);
  const datasets = [...new Set(data.flatMap(row => row.datasets))].sort();
  const applications = [...new Set(data.map(row => row.application))];
  const lines = applications.map(application => {
    const rows = data.filter(row => row.application === application);
    const cells = datasets.map(
      dataset => rows.find(row => row.datasets.includes(dataset)) ?? null
    );
    return { title: commonTitle(rows), cells };
  });
  return { datasets, lines };
}

/** The title without the dataset, which a row for one dataset ends in. */
function commonTitle(rows: readonly ServiceStatus[]): string {
  const [first] = rows;
  if (!first) {
    return '';
  }
  const { title, dataset } = first;
  const ending = ` ${dataset ?? ''}`;
  return dataset !== null && title.endsWith(ending)
    ? title.slice(0, -ending.length)
    : title;
}
