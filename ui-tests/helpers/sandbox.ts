/** The stand-in platform, as its tests switch it. */
export class Sandbox {
  constructor(private readonly _url = process.env.SANDBOX_URL ?? '') {}

  /** Make the platform behave as named, from the next request on. */
  async setScenario(scenario: string): Promise<void> {
    const answer = await fetch(`${this._url}/sandbox/scenario`, {
      method: 'PUT',
      body: JSON.stringify({ scenario })
    });
    if (!answer.ok) {
      throw new Error(`The sandbox refused ${scenario}: ${answer.status}`);
    }
  }

  /** Where the platform saw the lab's token. */
  async tokenPlaces(): Promise<string[]> {
    const answer = await fetch(`${this._url}/sandbox/requests`);
    const { token_seen_in: places } = (await answer.json()) as {
      token_seen_in: string[];
    };
    return places;
  }

  /** The names of all scenarios. */
  async scenarios(): Promise<string[]> {
    const answer = await fetch(`${this._url}/sandbox/scenario`);
    const { scenarios } = (await answer.json()) as {
      scenarios: { name: string }[];
    };
    return scenarios.map(({ name }) => name);
  }

  /** Commit files to a repository that the platform serves. */
  async commit(
    repository: string,
    files: Record<string, string>
  ): Promise<void> {
    const answer = await fetch(
      `${this._url}/sandbox/repositories/${repository}`,
      { method: 'POST', body: JSON.stringify({ subject: 'Move on', files }) }
    );
    if (!answer.ok) {
      throw new Error(`The sandbox refused the commit: ${answer.status}`);
    }
  }
}
