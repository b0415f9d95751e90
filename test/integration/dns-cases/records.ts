import { miekgTexts } from '../../probers/dns/vectors.ts'
import { newer, sectionFor } from '../support/dns-texts.ts'
import { ask, type Case } from './case.ts'

const isMapped = (text: string) => newer(text) !== text

const signed = /\tRRSIG\t/

/** Each record text, as the pattern that both must match. */
export const records: readonly Case[] = [
  ...miekgTexts.map(text =>
    ask(
      text.slice(0, 60),
      '(plain)',
      { ...sectionFor(text), transport_protocol: 'tcp' },
      {
        ...(isMapped(text) && { fails: 'content', differs: ['newer than 0.23.0: mapped addresses'] }),
        ...(signed.test(text) && { differs: ['signatures have times'] }),
      },
    ),
  ),
]
