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
        long hidden = pass.part(StepsPass.h(given.initial()), set);
        long cell = pass.part(StepsPass.c(given.initial()), set);
        for (int segment = 0; segment < pass.layout().segments(); segment++) {
            Stretch stretch = pass.stretch(direction, segment);
            pass.setState(stream, stretch.hidden(run, 0), hidden);
            pass.setState(stream, stretch.cellState(run, 0), cell);
            if (pass.layout().recomputes()) {
                pass.setState(stream, pass.border(set, segment, false), stretch.hidden(run, 0));
                pass.setState(stream, pass.border(set, segment, true), stretch.cellState(run, 0));
            }
            pass.forwardSteps(stream, layer, direction, stretch, input, pass.output(layer));
            hidden = stretch.hidden(run, stretch.steps);
            cell = stretch.cellState(run, stretch.steps);
        }
        pass.setState(stream, pass.part(StepsPass.h(given.last()), set), hidden);
        pass.setState(stream, pass.part(StepsPass.c(given.last()), set), cell);
    }
}
