package org.gatefold.simulator;

/**
 * The least bytes one layer of LSTM in one direction has to read and write: every input is read once, every output written
 * once, recurrent weights are read once per step, and what one step hands to the next or to the backward pass goes through
 * memory once. Reads and writes together, in fp32 but for the weights that products read.
 *
 * @param weight bytes of a weight as products read it
 */
record LstmTraffic(long steps, long batch, long input, long hidden, long weight) {
    private static final long FLOAT = 4;

    /** Training forward: the input product over all steps, then per step the recurrent product and the gates. */
    long forward() {
        long gates = 4 * batch * hidden;
        long state = batch * hidden;
        long product = FLOAT * (steps * batch * input + steps * gates) + weight * 4 * hidden * input;
        // Read: Wh, the input product, h and c before. Written: activated gates, c and h, which is y.
        long step = weight * 4 * hidden * hidden + FLOAT * (gates + 2 * state + gates + 2 * state);
        return product + steps * step;
    }

    /** Backward with all gradients: the steps in reverse, then one product each for dWh, dWx and dx. */
    long backward() {
        long gates = 4 * batch * hidden;
        long state = batch * hidden;
        // Read: Wh, the next step's gate gradients, activated gates, c before and after, dy, dc. Written: gate
        // gradients, dc.
        long step = weight * 4 * hidden * hidden + FLOAT * (gates + gates + 4 * state + gates + state);
        long recurrent = FLOAT * (steps * gates + steps * state + 2 * 4 * hidden * hidden);
        long inputs = FLOAT * (steps * gates + steps * batch * input + 2 * 4 * hidden * input);
        long data = FLOAT * (steps * gates + steps * batch * input) + weight * 4 * hidden * input;
        return steps * step + recurrent + inputs + data;
    }
}
