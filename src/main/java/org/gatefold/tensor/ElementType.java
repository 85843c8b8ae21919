package org.gatefold.tensor;

/** The type of a tensor's elements. */
public enum ElementType {
    /** IEEE 754 binary32. */
    F32(4),
    /** Two's complement 32-bit integer; used for labels, lengths and indices. */
    I32(4);

    private final int bytes;

    ElementType(int bytes) {
        this.bytes = bytes;
    }

    /** Size of one element in bytes. */
    public int bytes() {
        return bytes;
    }
}
