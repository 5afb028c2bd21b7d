/** "1 lesson", "2 lessons", "1,200 lessons". */
export const count = (n: number, one: string, many: string) => `${n.toLocaleString("en")} ${n === 1 ? one : many}`;
