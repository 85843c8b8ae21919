package org.gatefold.layer.recurrent;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.gatefold.autograd.Variable;
import org.gatefold.device.Scope;
import org.gatefold.layer.Context;
import org.gatefold.layer.Initializer;
import org.gatefold.layer.Layer;
import org.gatefold.layer.Options;
import org.gatefold.layer.Parameter;
import org.gatefold.layer.ParameterStore;
import org.gatefold.layer.Stated;
import org.gatefold.layer.StepMemory;
import org.gatefold.layer.StreamStates;
import org.gatefold.op.Precision;
import org.gatefold.op.recurrent.Cell;
import org.gatefold.op.recurrent.CellActivations;
import org.gatefold.op.recurrent.CellNoise;
import org.gatefold.op.recurrent.CellOptions;
import org.gatefold.op.recurrent.Direction;
import org.gatefold.op.recurrent.GateActivation;
import org.gatefold.op.recurrent.RecurrentSpec;
import org.gatefold.op.recurrent.RecurrentWeights;
import org.gatefold.tensor.Form;
import org.gatefold.tensor.Tensor;

/**
 * What {@link Lstm}, {@link Gru} and {@link Rnn} have in common: options, weights, passes with and without states.
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
public abstract class RecurrentLayer<L extends RecurrentLayer<L>> extends Layer implements Stated {
    private final int units;
    private int layers = 1;
    private Direction direction = Direction.FORWARD;
    private float dropout;
    private float weightDropout;
    private CellOptions cellOptions = CellOptions.PLAIN;
    private int recomputeSegment;
    private Precision precision = Precision.F32;
    private boolean returnSequences;
    private boolean readingOrder;
    private boolean stateful;
    private boolean zeroOutputForMask;
    private boolean learnedState;
    private boolean biased = true;
    private final FirstWeights first = new FirstWeights();
    private InputNorm.Settings batchNorm;
    private LearnedState learned;
    private Recurrent core;

    /** What a pass with states gives: the layer's output, and the states after each row's last valid step. */
    public record Result(Variable output, LayerState state) {}

    RecurrentLayer(int units) {
        if (units < 1) {
            throw new IllegalArgumentException("units: expected at least 1, got " + units);
        }
        this.units = units;
    }

    abstract Cell cellKind();

    abstract L self();

    /** First values of the bias, once {@link #bias} has been drawn; the place for a forget bias. */
    void adjustBias(float[] values) {}

    /** A cell that goes one step at a time with this layer's weights; after building, for one direction. */
    public abstract RecurrentCell cell();

    /** Stacks so many layers; each reads the outputs of the one below. */
    public L layers(int count) {
        requireNotBuilt();
        if (count < 1) {
            throw new IllegalArgumentException("layers: expected at least 1, got " + count);
        }
        layers = count;
        return self();
    }

    /** Reads in both directions and puts the outputs side by side, forward first. */
    public L bidirectional() {
        return direction(Direction.BIDIRECTIONAL);
    }

    /** Reads each row from its last valid step to its first. */
    public L reverse() {
        return direction(Direction.REVERSE);
    }

    /**
     * Reads each row from its last valid step to its first, and gives the outputs in the order of reading, the last step's first; Keras'
     * {@code go_backwards}, where rows are of full length.
     */
    public L goBackwards() {
        requireNotBuilt();
        readingOrder = true;
        return reverse();
    }

    private L direction(Direction newDirection) {
        requireNotBuilt();
        direction = newDirection;
        readingOrder = readingOrder && newDirection == Direction.REVERSE;
        return self();
    }

    /** Drops outputs between stacked layers with probability p, in training only; no effect on a single layer. */
    public L dropout(float p) {
        requireNotBuilt();
        if (!(p >= 0f && p < 1f)) {
            throw new IllegalArgumentException("dropout: expected 0 <= p < 1, got " + p);
        }
        dropout = p;
        return self();
    }

    /**
     * Drops recurrent weights with probability p, in training only, the same ones at all time steps of a training step: DropConnect on Wh
     * (Wan et al. 2013), the weight drop of AWD-LSTM (Merity et al. 2018).
     */
    public L weightDropout(float p) {
        requireNotBuilt();
        if (!(p >= 0f && p < 1f)) {
            throw new IllegalArgumentException("weightDropout: expected 0 <= p < 1, got " + p);
        }
        weightDropout = p;
        return self();
    }

    /** Keeps states only every so many steps and computes gates again in the backward pass: less memory, more time. */
    public L recompute(int segment) {
        requireNotBuilt();
        if (segment < 0) {
            throw new IllegalArgumentException("segment: expected at least 0, got " + segment);
        }
        recomputeSegment = segment;
        return self();
    }

    /** How products are computed. */
    public L precision(Precision newPrecision) {
        requireNotBuilt();
        precision = newPrecision;
        return self();
    }

    @Override
    public final boolean carriesStates() {
        return stateful;
    }

    @Override
    public final boolean computesIn(Precision other) {
        return other == precision;
    }

    /** Gives all outputs of the sequence rather than the last. */
    public L returnSequences() {
        requireNotBuilt();
        returnSequences = true;
        return self();
    }

    /**
     * Starts each batch from the states that the batch before ended with, row by row, in the same context: truncated
     * back-propagation through time over windows of long sequences. {@link Context#clearCarriedStates()} starts anew. A trainer
     * does so with each epoch, and with each group of rows that is cut into windows.
     */
    public L stateful() {
        requireNotBuilt();
        stateful = true;
        return self();
    }

    /**
     * Gives zeros at steps that a mask leaves out, rather than the output of the real step read before, as Keras does by
     * default. The states stand still there in any case, and outputs in padding behind lengths are always zeros.
     */
    public L zeroOutputForMask() {
        requireNotBuilt();
        zeroOutputForMask = true;
        return self();
    }

    /**
     * Starts from states that are learned, the same for every row, and zeros at first: parameters {@code NAME.h0 [L·D, H]} and, of an
     * LSTM, {@code NAME.c0}. States that are carried or handed in take their place.
     */
    public L learnedInitialState() {
        requireNotBuilt();
        learnedState = true;
        return self();
    }

    /**
     * Adds the input, which must have as many features as the layer has units, to the sums of all gates as it is: the first of
     * the stacked layers has no input weights (cuDNN {@code CUDNN_SKIP_INPUT}).
     */
    public L skipInput() {
        return options(cellOptions.withSkipInput(true));
    }

    /**
     * Normalises {@code Wx x} and {@code Wh h} over all gates of a row, and c of an LSTM over its units before its function on its way to
     * h (Ba et al. 2016), as Haste's {@code LayerNormLSTM} and {@code LayerNormGRU}. Where a GRU resets before the product, that of the
     * candidate is normalised over its units, that of the gates over both. Parameters {@code NAME.l.forward.norm [2·G·H]}, of an LSTM
     * {@code [10·H]}: gains of {@code Wx x} and {@code Wh h} in the order of gates, one at first, then of an LSTM gain of c, one, and
     * shift of c, zero. Not together with a projection or {@link #skipInput}.
     */
    public L layerNorm() {
        return options(cellOptions.withLayerNorm(true));
    }

    /** As {@link #batchNorm(float, float)}, with a momentum of 0.1 and an epsilon of 1e-5. */
    public L batchNorm() {
        return batchNorm(0.1f, 1e-5f);
    }

    /**
     * Normalises {@code Wx x}, feature by feature, by mean and variance over all real steps of all rows of a batch in training, and by
     * running ones in inference (Laurent et al. 2016): {@code gamma * (Wx x - mean) / sqrt(variance + epsilon)} stands in its place. Every one
     * of the stacked layers does so by itself. Parameters {@code NAME.l.forward.gamma [G·H]}, 0.1 at first, and, written in training and
     * never trained, {@code .mean [G·H]}, 0, and {@code .variance [G·H]}, 1. Not together with {@link #layerNorm} or {@link #skipInput}.
     *
     * @param momentum the share of each batch in the running statistics, 0 to 1
     * @param epsilon added to variances, greater than 0
     */
    public L batchNorm(float momentum, float epsilon) {
        requireNotBuilt();
        batchNorm = new InputNorm.Settings(momentum, epsilon);
        return self();
    }

    /** First values of Wx, and of the weights of a projection. */
    public L inputWeights(Initializer initializer) {
        requireNotBuilt();
        first.input = initializer;
        return self();
    }

    /** First values of Wh. */
    public L recurrentWeights(Initializer initializer) {
        requireNotBuilt();
        first.recurrent = initializer;
        return self();
    }

    /** First values of b. */
    public L bias(Initializer initializer) {
        requireNotBuilt();
        first.bias = initializer;
        return self();
    }

    /** Leaves the bias away; Keras' {@code use_bias=False}, PyTorch's {@code bias=False}. */
    public L withoutBias() {
        requireNotBuilt();
        biased = false;
        return self();
    }

    /** First values of peepholes. */
    final L peepholeWeights(Initializer initializer) {
        requireNotBuilt();
        first.peepholes = initializer;
        return self();
    }

    /** All first values uniform within ±1/√H, as PyTorch's. */
    public L torchInitializers() {
        return inputWeights(Initializer.UNIFORM_INVERSE_SQRT)
                .recurrentWeights(Initializer.UNIFORM_INVERSE_SQRT)
                .bias(Initializer.UNIFORM_INVERSE_SQRT);
    }

    @Override
    public L named(String newName) {
        super.named(newName);
        return self();
    }

    /** Bounds what activations of gates and candidates are taken of (ONNX {@code clip}); 0 for no bound. */
    public L gateClip(float bound) {
        return options(cellOptions.withGateClip(bound));
    }

    /**
     * The functions that the cell applies in place of its own.
     *
     * @param each one for every direction, as ONNX has it, or one for all; none for the cell's own
     */
    public L activations(CellActivations... each) {
        return options(cellOptions.withActivations(each));
    }

    /**
     * Lets each unit's h stay what it was before a step with probability h, in training; otherwise that share of it stays
     * (Krueger et al. 2017).
     */
    public L zoneout(float h) {
        return noise(cellOptions.noise().withZoneout(h, cellOptions.noise().zoneoutC()));
    }

    /**
     * Drops units of what a step offers to the state with probability p and scales the others by 1 / (1 - p), in training only
     * (Semeniuta et al. 2016): g of an LSTM, n of a GRU, the function of a plain cell.
     */
    public L candidateDropout(float p) {
        return noise(cellOptions.noise().withCandidateDropout(p));
    }

    /**
     * Drops units of h with probability p where it enters the recurrent products and scales the others by 1 / (1 - p), in
     * training only (Gal and Ghahramani 2016; Keras' {@code recurrent_dropout}). A row keeps its mask over all steps of a
     * pass; each layer and direction has one of its own, which serves all gates.
     */
    public L recurrentDropout(float p) {
        return noise(cellOptions.noise().withRecurrentDropout(p));
    }

    final L noise(CellNoise changed) {
        return options(cellOptions.withNoise(changed));
    }

    /** The function of gates, Keras' {@code recurrent_activation}, in all directions; the others stay. */
    final L gateActivation(GateActivation function) {
        CellActivations now = commonActivations();
        return activations(new CellActivations(function, now.candidate(), now.output()));
    }

    /** The function of candidate and output, Keras' {@code activation}, in all directions; that of gates stays. */
    final L stateActivation(GateActivation function) {
        return activations(new CellActivations(commonActivations().gate(), function, function));
    }

    private CellActivations commonActivations() {
        List<CellActivations> all = cellOptions.activations();
        return all.isEmpty() ? CellActivations.of(cellKind()) : all.get(0);
    }

    final CellOptions cellOptions() {
        return cellOptions;
    }

    final L options(CellOptions changed) {
        requireNotBuilt();
        cellOptions = changed;
        return self();
    }

    final boolean givesSequences() {
        return returnSequences;
    }

    final Direction direction() {
        return direction;
    }

    final int units() {
        return units;
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

    @Override
    protected Map<String, Object> options() {
        Map<String, Object> options = new LinkedHashMap<>();
        options.put("units", units);
        options.put("layers", layers);
        options.put("direction", Options.text(direction));
        options.put("dropout", dropout);
        if (weightDropout > 0f) {
            options.put("weightDropout", weightDropout);
        }
        CellOptionsDescription.put(cellOptions, options);
        options.put("recomputeSegment", recomputeSegment);
        options.put("precision", Options.text(precision));
        options.put("returnSequences", returnSequences);
        if (readingOrder) {
            options.put("readingOrder", true);
        }
        options.put("stateful", stateful);
        if (learnedState) {
            options.put("learnedInitialState", true);
        }
        if (zeroOutputForMask) {
            options.put("zeroOutputForMask", true);
        }
        if (!biased) {
            options.put("withoutBias", true);
        }
        first.put(options, cellOptions.peepholes());
        if (batchNorm != null) {
            options.put("batchNorm", true);
            options.put("momentum", batchNorm.momentum());
            options.put("epsilon", batchNorm.epsilon());
        }
        return options;
    }

    final L configure(Options options) {
        layers(options.integer("layers"));
        direction(options.constant("direction", Direction.class));
        dropout(options.real("dropout"));
        weightDropout(options.has("weightDropout") ? options.real("weightDropout") : 0f);
        options(CellOptionsDescription.of(options));
        recompute(options.integer("recomputeSegment"));
        precision(options.constant("precision", Precision.class));
        returnSequences = options.flag("returnSequences");
        readingOrder = options.has("readingOrder") && options.flag("readingOrder");
        stateful = options.flag("stateful");
        learnedState = options.has("learnedInitialState") && options.flag("learnedInitialState");
        zeroOutputForMask = options.has("zeroOutputForMask") && options.flag("zeroOutputForMask");
        inputWeights(options.initializer("inputWeights"));
        recurrentWeights(options.initializer("recurrentWeights"));
        bias(options.initializer("bias"));
        if (options.has("batchNorm") && options.flag("batchNorm")) {
            batchNorm(options.real("momentum"), options.real("epsilon"));
        }
        biased = !options.has("withoutBias") || !options.flag("withoutBias");
        return options.has("peepholeWeights") ? peepholeWeights(options.initializer("peepholeWeights")) : self();
    }
}
