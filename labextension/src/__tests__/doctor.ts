import type { Finding, Report } from '../api/generated/api';

/** One finding of the doctor. */
export function finding(fields: Partial<Finding> = {}): Finding {
  return {
    check: 'home.space',
    title: 'Space in your home',
    state: 'ok',
    sentence: 'Your home has 20 GB free.',
    whose: null,
    evidence: [{ source: 'statvfs', value: '20 GB', age_s: 0 }],
    next_step: '',
    fix: null,
    took_s: 0.1,
    ...fields
  };
}

/** A finding of what is broken. */
export function fault(fields: Partial<Finding> = {}): Finding {
  return finding({
    state: 'fault',
    sentence: 'Your home is full.',
    whose: 'your_environment',
    next_step: 'Delete what you no longer need.',
    ...fields
  });
}

/** What the doctor found. */
export function report(
  findings: Finding[],
  fields: Partial<Report> = {}
): Report {
  const [first] = findings;
  return {
    schema: 'rsp-health.doctor/1',
    instance: 'data.example.org',
    observed_at: '2026-11-20T21:33:41.123Z',
    verdict: {
      state: first?.state === 'fault' ? 'fault' : 'ok',
      sentence: first?.sentence ?? 'There was nothing to look at.',
      whose: first?.whose ?? null,
      next_step: first?.next_step ?? '',
      check: first?.check ?? null
    },
    summary: {
      ok: 0,
      attention: 0,
      fault: 0,
      cannot_tell: 0,
      not_applicable: 0
    },
    findings,
    playbook: null,
    symptoms: [
      { id: 'slow-lab', title: 'My lab is slow' },
      { id: 'cannot-save', title: 'I cannot save' }
    ],
    ...fields
  };
}
