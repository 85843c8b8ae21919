package org.gatefold.simulator;

/**
 * The least bytes one layer of LSTM in one direction has to read and write in fp32: every input is read once, every
 * output written once, recurrent weights are read once per step, and what one step hands to the next or to the backward
 * pass goes through memory once. Reads and writes together.
 */
record LstmTraffic(long steps, long batch, long input, long hidden) {
    private static final long FLOAT = 4;

    /** Training forward: the input product over all steps, then per step the recurrent product and the gates. */
    long forward() {
        long gates = 4 * batch * hidden;
        long state = batch * hidden;
        long product = steps * batch * input + 4 * hidden * input + steps * gates;
        // Read: Wh, the input product, h and c before. Written: activated gates, c and h, which is y.
        long step = 4 * hidden * hidden + gates + 2 * state + gates + 2 * state;
        return FLOAT * (product + steps * step);
    }

    /** Backward with all gradients: the steps in reverse, then one product each for dWh, dWx and dx. */
    long backward() {
        long gates = 4 * batch * hidden;
        long state = batch * hidden;
        // Read: Wh, the next step's gate gradients, activated gates, c before and after, dy, dc. Written: gate
        // gradients, dc.
        long step = 4 * hidden * hidden + gates + gates + 4 * state + gates + state;
        long recurrent = steps * gates + steps * state + 2 * 4 * hidden * hidden;
        long inputs = steps * gates + steps * batch * input + 2 * 4 * hidden * input;
        long data = steps * gates + 4 * hidden * input + steps * batch * input;
        return FLOAT * (steps * step + recurrent + inputs + data);
    }
}
