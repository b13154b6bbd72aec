/** How mail programs introduce what they quote. Tested on short texts only, and without nested repetition. */

const WROTE =
  /(?<!\p{L})(?:wrote|schrieb|geschrieben|a écrit|écrit|escribió|ha scritto|scritto|escreveu|schreef|skrev|kirjoitti|napsal(?:\(a\))?|napísal|pisze|napisał(?:\(a\))?|написал\(?а?\)?|yazdı|írta)(?!\p{L})|写道|作成|のメッセージ/iu;

/** "On Fri, 20 Nov 2026 at 10:01, Ada <ada@example.com> wrote:" and its like. */
export function isAttribution(line: string): boolean {
  const text = line.replace(/[\s\u00a0]+/g, ' ').trim();
  if (text.length > 400 || !/[:：]$/.test(text)) return false;
  return /\d/.test(text) && WROTE.test(text);
}

const FROM = '(?:From|Von|De|Da|Van|Från|Fra|Od|Lähettäjä|От|发件人|差出人)';
const SENT =
  '(?:Sent|Date|Gesendet|Datum|Envoyé|Enviado|Inviato|Data|Verzonden|Skickat|Sendt|Dato|Wysłano|Odesláno|Отправлено|发送时间|送信日時)';
const TO = '(?:To|An|À|Para|A|Aan|Till|Til|Do|Komu|Кому|收件人|宛先)';
const LOOSE = new RegExp(`^${FROM}\\s*[:：]`, 'iu');
const SENT_LINE = new RegExp(`(?:^|\\n|\\s)${SENT}\\s*[:：]`, 'iu');
const TO_LINE = new RegExp(`(?:^|\\n|\\s)${TO}\\s*[:：]`, 'iu');

/** Outlook's "From: … Sent: … To: … Subject: …". `loose`: something else says already that it is one. */
export function isHeaderBlock(text: string, how: 'strict' | 'loose'): boolean {
  if (!LOOSE.test(text)) return false;
  return how === 'loose' || (SENT_LINE.test(text) && TO_LINE.test(text));
}

/** "-----Original Message-----" */
export function isOriginalMessage(text: string): boolean {
  return /^-{3,12} ?(?:original message|ursprüngliche nachricht|message d'origine|mensaje original|messaggio originale|mensagem original|oorspronkelijk bericht|originalt? ?meddelande|oprindelig meddelelse|původní zpráva|wiadomość oryginalna|forwarded message|weitergeleitete nachricht) ?-{3,12}/i.test(
    text,
  );
}
