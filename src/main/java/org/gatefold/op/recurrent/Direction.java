package org.gatefold.op.recurrent;

/** The direction or directions in which a recurrent layer reads its sequence. */
public enum Direction {
    FORWARD(1),
    /** From the last valid step of each row to the first; outputs stand at the step they belong to. */
    REVERSE(1),
    /** Both; outputs are concatenated, forward first. */
    BIDIRECTIONAL(2);

    private final int count;

    Direction(int count) {
        this.count = count;
    }

    /** 1 or 2. */
    public int count() {
        return count;
    }
}
