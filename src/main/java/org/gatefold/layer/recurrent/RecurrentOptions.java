package org.gatefold.layer.recurrent;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.gatefold.layer.Context;
import org.gatefold.layer.Initializer;
import org.gatefold.layer.Layer;
import org.gatefold.layer.Options;
import org.gatefold.layer.recurrent.norm.InputNorm;
import org.gatefold.op.Precision;
import org.gatefold.op.recurrent.Cell;
import org.gatefold.op.recurrent.CellActivations;
import org.gatefold.op.recurrent.CellNoise;
import org.gatefold.op.recurrent.CellOptions;
import org.gatefold.op.recurrent.Direction;
import org.gatefold.op.recurrent.GateActivation;

/**
 * The options of recurrent layers, as they are set before the layer is built, and their description.
 *
 * @param <L> the layer itself, given back by every option
 */
abstract class RecurrentOptions<L extends RecurrentLayer<L>> extends Layer {
    final int units;
    int layers = 1;
    Direction direction = Direction.FORWARD;
    float dropout;
    float weightDropout;
    CellOptions cellOptions = CellOptions.PLAIN;
    int recomputeSegment;
    Precision precision = Precision.F32;
    boolean returnSequences;
    boolean readingOrder;
    boolean stateful;
    boolean zeroOutputForMask;
    boolean learnedState;
    boolean biased = true;
    final FirstWeights first = new FirstWeights();
    InputNorm.Settings batchNorm;

    RecurrentOptions(int units) {
        if (units < 1) {
            throw new IllegalArgumentException("units: expected at least 1, got " + units);
        }
        this.units = units;
    }

    abstract Cell cellKind();

    abstract L self();

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
