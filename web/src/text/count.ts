/** "1 lesson", "2 lessons". */
export const count = (n: number, one: string, many: string) => `${n} ${n === 1 ? one : many}`;
