package org.gatefold.benchmarks.runner.report;

import org.gatefold.benchmarks.contract.LayerShape;
import org.gatefold.benchmarks.contract.Pass;
import org.gatefold.benchmarks.contract.Placement;

/**
 * The least time that we know a recurrent layer to need on a large GPU: what a step takes whose weights never leave the
 * multiprocessors, and what surrounds the steps. benchmarks/README.md states the assumptions; the latencies are of an H100. Stateless.
 */
final class Floor {
    /** One step hands its state to the next: a flag, the L2 cache, the chain of products, their sum over warps, the gates. */
    private static final double CHAIN_MICROS = 0.65 + 0.14 + 0.07 + 0.065 + 0.125;

    private static final double L2_BYTES_PER_MICRO = 9.5e6;
    private static final double MEMORY_BYTES_PER_MICRO = 2.77e6;

    /** The gates of a whole sequence that fit in here stay in the L2 cache. */
    private static final double L2_BYTES = 40e6;

    private static final double INFERENCE_LAUNCHES_MICROS = 15;
    private static final double TRAINING_LAUNCHES_MICROS = 40;

    private static final int FEWEST_BLOCKS_OF_UNITS = 32;
    private static final int UNITS_OF_A_BLOCK = 16;

    private Floor() {}

    /**
     * Microseconds of a step.
     *
     * @param gigaflops rate of a large matrix product in this precision on this card
     */
    static double microsPerStep(LayerShape shape, Pass pass, Placement.Precision precision, double gigaflops) {
        boolean training = pass != Pass.INFERENCE;
        double micros = 0;
        for (int layer = 0; layer < shape.layers(); layer++) {
            OfStep step = new OfStep(shape, shape.layerInput(layer), precision, gigaflops * 1e3);
            micros += step.forward() + (training ? step.backward() : 0);
        }
        return micros + (training ? TRAINING_LAUNCHES_MICROS : INFERENCE_LAUNCHES_MICROS) / shape.steps();
    }

    /** One step of one layer, both directions side by side. */
    private record OfStep(LayerShape shape, int input, Placement.Precision precision, double flopsPerMicro) {
        double forward() {
            double floats = 2 * gates() + states(input);
            return recurrence(shape.hiddenSize()) + product(input) + floats * Float.BYTES / memory();
        }

        /** The way back, and the products over all steps that give dx, dWx and dWh. */
        double backward() {
            double floats = 3 * gates() + states(2.0 * input + 2.0 * shape.hiddenSize());
            return recurrence(shape.gateRows())
                    + product(shape.hiddenSize() + 2.0 * input)
                    + floats * Float.BYTES / memory();
        }

        /** What one step gives to the next, so many numbers a row, is read by every block; or the product takes longer. */
        private double recurrence(double handedOn) {
            double blocks = Math.max(FEWEST_BLOCKS_OF_UNITS, shape.hiddenSize() / (double) UNITS_OF_A_BLOCK);
            double read = blocks * states(handedOn) * precision.bytes() / L2_BYTES_PER_MICRO;
            return CHAIN_MICROS + Math.max(read, product(shape.hiddenSize()));
        }

        /** Microseconds of a product of the batch with a matrix of all gates' rows. */
        private double product(double columns) {
            return 2 * gates() * columns / flopsPerMicro;
        }

        private double gates() {
            return states(shape.gateRows());
        }

        private double states(double features) {
            return features * shape.batch() * shape.directions();
        }

        private double memory() {
            return shape.steps() * gates() * Float.BYTES <= L2_BYTES ? L2_BYTES_PER_MICRO : MEMORY_BYTES_PER_MICRO;
        }
    }
}
