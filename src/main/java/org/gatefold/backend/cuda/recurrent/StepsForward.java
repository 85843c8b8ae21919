package org.gatefold.backend.cuda.recurrent;

import jcuda.driver.CUstream;
import org.gatefold.op.recurrent.RecurrentPlan.ForwardArguments;

/** The forward pass of a {@code cuda.steps} plan: layers, directions, segments. */
record StepsForward(StepsPass pass, ForwardArguments given) {
    /** Submits everything to {@code trunk}. */
    void submit(CUstream trunk) {
        for (int layer = 0; layer < pass.spec().layers(); layer++) {
            long input = pass.inputOperands(trunk, layer, pass.input(layer));
            CUstream[] streams = pass.streams(trunk);
            for (int direction = 0; direction < pass.spec().directions(); direction++) {
                direction(streams[direction], layer, direction, input);
            }
            pass.join(trunk);
        }
    }

    private void direction(CUstream stream, int layer, int direction, long input) {
        int set = pass.set(layer, direction);
        long run = pass.run(layer, direction);
        long hidden = pass.hiddenPart(given.initial(), set);
        long cell = pass.cellPart(given.initial(), set);
        for (int index = 0; index < pass.layout().segments(); index++) {
            Segment segment = pass.segment(direction, index);
            pass.setHidden(stream, segment.hidden(run, 0), hidden);
            pass.setCell(stream, segment.cellState(run, 0), cell);
            if (pass.layout().recomputes()) {
                pass.setHidden(stream, pass.border(set, index, false), segment.hidden(run, 0));
                pass.setCell(stream, pass.border(set, index, true), segment.cellState(run, 0));
            }
            pass.forwardSteps(stream, layer, direction, segment, input, pass.output(layer));
            hidden = segment.hidden(run, segment.steps);
            cell = segment.cellState(run, segment.steps);
        }
        pass.setHidden(stream, pass.hiddenPart(given.last(), set), hidden);
        pass.setCell(stream, pass.cellPart(given.last(), set), cell);
    }
}
