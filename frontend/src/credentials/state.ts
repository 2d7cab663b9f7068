import type { Credential, CredentialType } from '../api/types';
import type { IconName } from '../ui/Icon';
import { shortTime } from '../ui/times';

export interface CredentialState {
  tone: 'completed' | 'failed' | 'waiting' | 'pending';
  icon: IconName;
  word: string;
  told: string;
}

/** Whether a credential can be used, as far as is known. */
export function stateOf(credential: Credential, type?: CredentialType): CredentialState {
  const { needs_consent, authorized_at, last_tested_at, last_test_error } = credential;
  if (needs_consent && authorized_at === null) {
    return {
      tone: 'waiting',
      icon: 'clock',
      word: 'Not connected',
      told: 'A person has to consent before workflows can use it.',
    };
  }
  if (last_test_error !== '') {
    return { tone: 'failed', icon: 'cross', word: 'Refused', told: last_test_error };
  }
  if (last_tested_at !== null) {
    const told = `It worked when it was tried, ${shortTime(last_tested_at)}.`;
    return { tone: 'completed', icon: 'check', word: 'Works', told };
  }
  if (needs_consent && authorized_at !== null) {
    const told = `Connected ${shortTime(authorized_at)}.`;
    return { tone: 'completed', icon: 'check', word: 'Connected', told };
  }
  if (type?.trial === 'none') {
    const told = 'There is no service on which it could be tried.';
    return { tone: 'pending', icon: 'check', word: 'Stored', told };
  }
  return { tone: 'pending', icon: 'circle', word: 'Not tried', told: 'Nobody has tried it yet.' };
}
