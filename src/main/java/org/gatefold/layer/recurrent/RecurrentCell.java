package org.gatefold.layer.recurrent;

import com.google.errorprone.annotations.MustBeClosed;
import org.gatefold.autograd.Variable;
import org.gatefold.device.Device;
import org.gatefold.layer.Context;
import org.gatefold.layer.Options;
import org.gatefold.layer.recurrent.norm.InputNorm;
import org.gatefold.layer.recurrent.state.LayerState;
import org.gatefold.op.recurrent.Direction;
import org.gatefold.tensor.Form;
import org.gatefold.tensor.Shape;

/**
 * A recurrent layer one step at a time, with the layer's own weights: for decoders, whose input depends on the step
 * before, and for streams.
 *
 * <p>Stacked layers all move by one step. Owns nothing; several threads may use it, each in a context of its own.
 */
public abstract class RecurrentCell {
    private final String name;
    private final Recurrent core;

    /** What a step gives: the top layer's output {@code [B, P]}, and the states after the step. */
    public record Result(Variable output, LayerState state) {}

    RecurrentCell(String name, Recurrent core) {
        if (core.form().direction() != Direction.FORWARD) {
            throw new IllegalArgumentException("layer '" + name + "': a cell goes forward, the layer is "
                    + Options.text(core.form().direction()));
        }
        this.name = name;
        this.core = core;
    }

    /**
     * One step; recorded if the context has a tape. In training with dropout, every step draws masks of its own.
     *
     * @param x {@code [B, I]}
     * @param state before the step; null means zeros
     * @throws IllegalStateException in training with batch normalisation
     */
    public final Result step(Context context, Variable x, LayerState state) {
        Form.rows(core.form().inputSize()).require(name + ": x", x.value());
        if (core.isNormed() && !InputNorm.takesRunning(context)) {
            throw new IllegalStateException(
                    "layer '" + name
                            + "': expected inference, for batch normalisation takes statistics of whole sequences, got training");
        }
        int batch = x.shape().dim(0);
        Variable one = x.reshape(1, batch, x.shape().last());
        Recurrent.Result result = core.run(context, one, state, true);
        return new Result(result.y().reshape(batch, core.form().outputSize()), result.last());
    }

    /** States of zeros, which may also be written as null; for loops that read the state before the first step. */
    public final LayerState zeroState(Context context, int batch) {
        Shape ofH = Shape.of(core.form().weightSets(), batch, core.form().projectionSize());
        Variable h = Variable.constant(context.scope().zeros("h", ofH));
        Variable c = core.form().cell().hasCellState()
                ? Variable.constant(
                        context.scope().zeros("c", ofH.withLast(core.form().hiddenSize())))
                : null;
        return new LayerState(h, c);
    }

    /**
     * Opens a stream: inference step after step with memory of its own, without any allocation per step.
     *
     * @param batch rows that move together
     */
    @MustBeClosed
    public final CellStream stream(Device device, int batch) {
        return new CellStream(device, core, name, batch);
    }

    /** Features of a step's input. */
    public final int inputSize() {
        return core.form().inputSize();
    }

    /** Features of the output: the units of a layer, or what they are projected to. */
    public final int units() {
        return core.form().projectionSize();
    }
}
