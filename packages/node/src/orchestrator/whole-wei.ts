/** A fraction of wei rounded down, as events tell it. */
export const wholeWei = ({ num, den }: { readonly num: bigint; readonly den: bigint }): string => (num / den).toString()
