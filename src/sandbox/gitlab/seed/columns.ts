/** The board's lists from left to right. */
export const COLUMNS = ['To Do', 'In Development', 'In Review', 'To Test', 'Testing'];
