package org.gatefold.benchmarks.models.architecture;

/**
 * Multiplications, each with its addition, of the matrix products of a forward pass.
 *
 * @param ofInput those that multiply the input of a part
 * @param others those that multiply what the part has computed of it
 */
record Products(double ofInput, double others) {
    static final Products NONE = new Products(0, 0);

    /** Of an update, with the gradients of weights and of what they multiply. */
    double ofUpdate() {
        return 3 * (ofInput + others);
    }

    /** The same where the input is data, of which no gradient is wanted. */
    double ofUpdateOnData() {
        return 2 * ofInput + 3 * others;
    }

    boolean isNone() {
        return ofInput + others == 0;
    }
}
