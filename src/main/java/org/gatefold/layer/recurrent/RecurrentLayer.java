package org.gatefold.layer.recurrent;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import org.gatefold.autograd.Variable;
import org.gatefold.device.Scope;
import org.gatefold.layer.Context;
import org.gatefold.layer.Parameter;
import org.gatefold.layer.ParameterStore;
import org.gatefold.layer.Stated;
import org.gatefold.layer.StepMemory;
import org.gatefold.layer.StreamStates;
import org.gatefold.layer.recurrent.norm.InputNorm;
import org.gatefold.layer.recurrent.state.CarriedState;
import org.gatefold.layer.recurrent.state.LayerState;
import org.gatefold.layer.recurrent.state.LearnedState;
import org.gatefold.layer.recurrent.state.RowStates;
import org.gatefold.layer.recurrent.state.StateExchange;
import org.gatefold.op.Precision;
import org.gatefold.op.recurrent.Direction;
import org.gatefold.op.recurrent.RecurrentSpec;
import org.gatefold.op.recurrent.RecurrentWeights;
import org.gatefold.tensor.Form;
import org.gatefold.tensor.Tensor;

/**
 * What {@link Lstm}, {@link Gru} and {@link Rnn} have in common: weights, and passes with and without states.
 *
 * <p>Takes sequences {@code [T, B, I]}. Gives the output of each row's last valid step, {@code [B, D·H]}, as Keras does;
 * in two directions these are both final states, forward first. With {@link #returnSequences()} it gives all outputs,
 * {@code [T, B, D·H]}, zeros in padding.
 *
 * <p>First values follow Keras: {@code Wx} Glorot uniform, {@code Wh} orthogonal, biases zero and, in an LSTM, one for
 * the forget gate (Jozefowicz et al. 2015). {@link #torchInitializers()} takes PyTorch's instead. Parameters of layer l
 * are named {@code NAME.l.forward.wx}, {@code .wh} and {@code .b}, the other direction {@code NAME.l.reverse.…}.
 *
 * @param <L> the layer itself, given back by every option
 */
public abstract class RecurrentLayer<L extends RecurrentLayer<L>> extends RecurrentOptions<L> implements Stated {
    private LearnedState learned;
    private Recurrent core;

    /** What a pass with states gives: the layer's output, and the states after each row's last valid step. */
    public record Result(Variable output, LayerState state) {}

    RecurrentLayer(int units) {
        super(units);
    }

    /** First values of the bias, once {@link #bias} has been drawn; the place for a forget bias. */
    void adjustBias(float[] values) {}

    /** A cell that goes one step at a time with this layer's weights; after building, for one direction. */
    public abstract RecurrentCell cell();

    @Override
    public final boolean carriesStates() {
        return stateful;
    }

    @Override
    public final boolean computesIn(Precision other) {
        return other == precision;
    }

    final Recurrent core() {
        requireBuilt();
        return core;
    }

    @Override
    protected Form declare(ParameterStore parameters, Form in) {
        requireFeatureSequence(in);
        requireUnits();
        if (cellOptions.skipInput() && in.features() != units) {
            throw new IllegalArgumentException("layer '" + name() + "': skipInput: expected as many features as units, "
                    + units + ", got " + in.features());
        }
        RecurrentSpec form = new RecurrentSpec(
                cellKind(),
                1,
                1,
                in.features(),
                units,
                layers,
                direction,
                dropout,
                cellOptions,
                recomputeSegment,
                precision);
        requireOneNorm();
        List<Parameter> list = new ArrayList<>();
        List<InputNorm> norms = new ArrayList<>();
        for (int layer = 0; layer < layers; layer++) {
            List<InputNorm.Gains> gains = new ArrayList<>();
            for (int d = 0; d < direction.count(); d++) {
                boolean backwards = direction == Direction.REVERSE || d == 1;
                String prefix = name() + "." + layer + (backwards ? ".reverse." : ".forward.");
                EnumMap<RecurrentWeights.Part, Parameter> set = new EnumMap<>(RecurrentWeights.Part.class);
                for (RecurrentWeights.Part part : form.parts(layer)) {
                    boolean there = part != RecurrentWeights.Part.B || biased;
                    Parameter declared = there
                            ? first.declare(parameters, prefix + part.label(), form, part, layer, this::adjustBias)
                            : null;
                    set.put(part, declared);
                    list.add(declared);
                }
                if (batchNorm != null) {
                    gains.add(InputNorm.Gains.declare(parameters, prefix, set));
                }
            }
            if (batchNorm != null) {
                norms.add(new InputNorm(batchNorm, form, gains));
            }
        }
        learned = learnedState ? new LearnedState(parameters, name(), form) : null;
        core = new Recurrent(
                form, parameters, list, !zeroOutputForMask, new DroppedWeights(name(), weightDropout), norms);
        return returnSequences ? Form.sequences(form.outputSize()) : Form.rows(form.outputSize());
    }

    private void requireOneNorm() {
        if (batchNorm != null && (cellOptions.layerNorm() || cellOptions.skipInput())) {
            throw new IllegalArgumentException("layer '" + name() + "': batchNorm: expected neither layerNorm nor"
                    + " skipInput beside it, got " + (cellOptions.layerNorm() ? "layerNorm" : "skipInput"));
        }
    }

    /** Rows of weights, and outputs of both directions, are counted by an int. */
    private void requireUnits() {
        int perUnit = Math.max(Math.max(cellKind().gates(), cellKind().biases()), direction.count());
        int most = Integer.MAX_VALUE / perUnit;
        if (units > most) {
            throw new IllegalArgumentException(
                    "layer '" + name() + "': units: expected at most " + most + ", got " + units);
        }
    }

    @Override
    protected void stream(StreamStates states) {
        StreamedState.declare(states, this, core.form(), learned == null ? List.of() : learned.parameters());
        if (states.leavesOutSteps() && core.repeatsOutput()) {
            states.declare(this, "output", 1, core.form().outputSize(), null);
        }
    }

    @Override
    protected Variable apply(Context context, Variable x) {
        StreamStates stream = context.attached(StreamStates.class);
        if (stream != null) {
            return output(context, streamed(context, stream, x));
        }
        int batch = x.shape().dim(1);
        StateExchange exchange = context.attached(StateExchange.class);
        LayerState given = exchange == null
                ? null
                : exchange.initial(context, name(), core.form().withSize(1, batch));
        Recurrent.Result result =
                stateful ? carry(context, x, given) : run(context, x, given, !returnSequences || exchange != null);
        if (exchange != null) {
            exchange.keep(name(), result.last());
        }
        return output(context, result);
    }

    private Recurrent.Result streamed(Context context, StreamStates stream, Variable x) {
        LayerState before = StreamedState.before(stream, this, core.form());
        Tensor shown = StreamedState.shown(stream, this, core);
        Recurrent.Result result = core.run(context, x, before, true, shown);
        StreamedState.after(stream, this, result.last());
        if (shown != null) {
            StreamedState.show(stream, this, core, result.y().value());
        }
        return result;
    }

    private Recurrent.Result carry(Context context, Variable x, LayerState given) {
        int batch = x.shape().dim(1);
        CarriedState carried = context.carried(
                core, CarriedState.class, state -> state.batch() == batch, scope -> carriedState(scope, batch));
        Recurrent.Result result = run(context, x, given == null ? carried.state(context) : given, true);
        carried.keep(result.last());
        return result;
    }

    /** From given states, or else from those that were learned, or else from zeros. */
    private Recurrent.Result run(Context context, Variable x, LayerState given, boolean wantLast) {
        LayerState initial =
                given == null && learned != null ? learned.of(context, x.shape().dim(1)) : given;
        return core.run(context, x, initial, wantLast);
    }

    private Variable output(Context context, Recurrent.Result result) {
        if (!returnSequences) {
            return core.top(context, result.last());
        }
        return readingOrder ? ReversedSteps.of(context, result.y()) : result.y();
    }

    /**
     * A pass from given states to the states at the end, with gradients through both: for encoders and decoders, and for
     * truncated back-propagation through time under the caller's control.
     *
     * @param x {@code [T, B, I]}
     * @param initial states before the first step (in reverse, before the last); null means zeros, or in a stream that was asked for
     *     this layer's states those of the chunk before
     */
    public final Result forward(Context context, Variable x, LayerState initial) {
        requireBuilt();
        requireInput(x);
        StreamStates stream = context.attached(StreamStates.class);
        Recurrent.Result result = initial == null && stream != null && stream.has(this)
                ? streamed(context, stream, x)
                : run(context, x, initial, true);
        return new Result(output(context, result), result.last());
    }

    @Override
    public final List<Form> states() {
        requireBuilt();
        return RowStates.forms(core.form());
    }

    @Override
    public final Outcome outcome(Context context, Variable x, List<Variable> initial) {
        Result result = forward(context, x, RowStates.state(context, core.form(), initial));
        return new Outcome(result.output(), RowStates.rows(core.form(), result.state()));
    }

    /** Memory for states that outlive a step, to be closed by the caller or with the scope. */
    public final CarriedState carriedState(Scope scope, int batch) {
        requireBuilt();
        return new CarriedState(scope, core.form().withSize(1, batch));
    }

    /**
     * Takes over weights from another system, as it lists them.
     *
     * @param layout whose they are, which says how many arrays there are and how each is laid out
     * @throws IllegalArgumentException if the number or a size of them does not fit, or if the system has no such cell
     */
    public final void setWeights(WeightLayout layout, float[]... arrays) {
        requireBuilt();
        new ForeignWeights(core, biased).set(layout, List.of(arrays));
    }

    /** The weights as {@link #setWeights} takes them. */
    public final List<float[]> getWeights(WeightLayout layout) {
        requireBuilt();
        return new ForeignWeights(core, biased).get(layout);
    }

    @Override
    protected void account(StepMemory memory, int steps, int batch) {
        footprint(memory, steps, batch, false, false);
    }

    @Override
    public final void footprint(StepMemory memory, int steps, int batch, boolean given, boolean told) {
        core.account(memory, steps, batch, returnSequences, told, stateful);
        if (readingOrder && returnSequences) {
            memory.differentiable(output().elements(steps, batch));
            for (int i = 0; i < 3; i++) {
                memory.tensor((long) steps * batch);
            }
        }
        if (given) {
            RowStates.account(memory, core.form(), batch);
        } else if (learned != null) {
            learned.account(memory, batch);
        }
        if (given || learned != null) {
            core.accountInitial(memory, batch);
        }
    }
}
