import { expect, it } from 'vitest';
import { luminance, readColor } from './theme.ts';
import { mayListTickets, ticketIdOf } from './ticket-id.ts';

it.each([
  ['/a/tickets/101', 101, false],
  ['/a/tickets/101/', 101, false],
  ['/a/tickets/101/edit', 101, false],
  ['/a/tickets/101x', null, true],
  ['/a/tickets', null, true],
  ['/a/tickets/filters/all_tickets', null, true],
  ['/a/search/tickets', null, true],
  ['/a/dashboard/default', null, true],
  ['/support/tickets/101', null, false],
  ['/', null, false],
])('%s', (path, ticket, listed) => {
  expect(ticketIdOf(path)).toBe(ticket);
  expect(mayListTickets(path)).toBe(listed);
});

it.each([
  ['rgb(255, 255, 255)', 1],
  ['rgb(0, 0, 0)', 0],
  ['rgba(18, 24, 32, 0.9)', 0.009],
  ['rgb(18 52 77)', 0.032],
])('how light %s is', (text, expected) => {
  expect(luminance(readColor(text)!)).toBeCloseTo(expected, 2);
});

it.each(['rgba(0, 0, 0, 0)', 'transparent', 'rgba(0,0,0,0.2)', 'color(srgb 1 1 1)', ''])('%s is no ground', text => {
  expect(readColor(text)).toBeNull();
});
