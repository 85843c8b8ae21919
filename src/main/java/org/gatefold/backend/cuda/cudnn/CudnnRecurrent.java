package org.gatefold.backend.cuda.cudnn;

import com.google.errorprone.annotations.MustBeClosed;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.gatefold.backend.cuda.driver.CudaContext;
import org.gatefold.backend.cuda.kernel.Kernels;
import org.gatefold.backend.cuda.operation.CudaOperation;
import org.gatefold.device.Scope;
import org.gatefold.op.Footprint;
import org.gatefold.op.Mode;
import org.gatefold.op.Precision;
import org.gatefold.op.recurrent.CellOptions;
import org.gatefold.op.recurrent.RecurrentOp;
import org.gatefold.op.recurrent.RecurrentPlan;
import org.gatefold.op.recurrent.RecurrentSpec;

/**
 * {@code cuda.cudnn} and its relatives: recurrent layers by one algorithm of cuDNN each. Takes what the library says it can
 * do, which is asked for once for every spec. Thread-safe.
 */
final class CudnnRecurrent extends CudaOperation implements RecurrentOp {
    /** Set to {@code native} for cuDNN's own masks between layers, which run faster and cannot be had anywhere else. */
    static final String DROPOUT_PROPERTY = "gatefold.cudnn.dropout";

    private static final int ANSWERS = 64;

    private final CudnnAlgorithm algorithm;
    private final CudnnCalls calls;
    private final CudnnRecurrent padded;
    private final boolean reproducible;
    private final Map<Question, Answer> answers = new LinkedHashMap<>(16, 0.75f, true);

    /** What the library is asked. */
    private record Question(RecurrentSpec spec, Mode mode) {}

    /** What it says: where everything lies, or why not. */
    private record Answer(CudnnLayout layout, String reason) {}

    /**
     * @param padded runs batches with shorter rows where the algorithm does not; else null
     */
    CudnnRecurrent(
            CudaContext context, Kernels kernels, CudnnCalls calls, CudnnAlgorithm algorithm, CudnnRecurrent padded) {
        super(context, kernels);
        this.padded = algorithm.takesPadding() ? null : padded;
        this.algorithm = algorithm;
        this.calls = calls;
        this.reproducible =
                wanted(System.getProperty(DROPOUT_PROPERTY, "reproducible").trim());
    }

    private static boolean wanted(String masks) {
        return switch (masks) {
            case "reproducible" -> true;
            case "native" -> false;
            default ->
                throw new IllegalArgumentException(
                        "-D" + DROPOUT_PROPERTY + ": expected reproducible or native, got '" + masks + "'");
        };
    }

    @Override
    public String name() {
        return algorithm.implementation();
    }

    @Override
    public boolean reproducibleDropout() {
        return reproducible;
    }

    CudnnAlgorithm algorithm() {
        return algorithm;
    }

    CudnnCalls calls() {
        return calls;
    }

    /** True if cuDNN's own masks stand between the layers of a stack. */
    boolean dropsInCudnn(RecurrentSpec stack, Mode mode) {
        return mode == Mode.TRAINING && stack.layers() > 1 && stack.dropout() > 0f;
    }

    @Override
    public Optional<String> unsupported(RecurrentSpec spec, Mode mode) {
        Optional<String> reason = Optional.ofNullable(answer(spec, mode).reason());
        return reason.isPresent() || padded == null ? reason : padded.unsupported(spec, mode);
    }

    @Override
    public Footprint footprint(RecurrentSpec spec, Mode mode) {
        CudnnLayout layout = layout(spec, mode);
        Footprint own = new Footprint(layout.planBytes(), layout.reserveBytes());
        if (padded == null) {
            return own;
        }
        Footprint other = padded.footprint(spec, mode);
        return new Footprint(own.plan() + other.plan(), Math.max(own.reserve(), other.reserve()));
    }

    /** The implementation for batches with shorter rows; empty if it is this one. */
    Optional<CudnnRecurrent> forPaddedBatches() {
        return Optional.ofNullable(padded);
    }

    /**
     * Where everything lies.
     *
     * @throws IllegalArgumentException if the spec is declined
     */
    CudnnLayout layout(RecurrentSpec spec, Mode mode) {
        Answer answer = answer(spec, mode);
        if (answer.layout() == null) {
            throw new IllegalArgumentException(name() + " declines " + spec + ": " + answer.reason());
        }
        return answer.layout();
    }

    @Override
    @MustBeClosed
    public RecurrentPlan plan(Scope scope, RecurrentSpec spec, Mode mode) {
        return scope.child(name(), own -> new CudnnPlan(this, spec, mode, own));
    }

    private Answer answer(RecurrentSpec spec, Mode mode) {
        Question question = new Question(spec, mode);
        synchronized (answers) {
            Answer known = answers.get(question);
            if (known == null) {
                known = ask(spec, mode);
                answers.put(question, known);
                if (answers.size() > ANSWERS) {
                    answers.remove(answers.keySet().iterator().next());
                }
            }
            return known;
        }
    }

    private Answer ask(RecurrentSpec spec, Mode mode) {
        Optional<CudnnType> type = CudnnType.of(spec.precision());
        if (type.isEmpty()) {
            return new Answer(null, "layers by cuDNN are offered in F32, TF32 and F16, not in " + spec.precision());
        }
        if (spec.recomputeSegment() > 0 && spec.recomputeSegment() < spec.steps() && mode == Mode.TRAINING) {
            return new Answer(null, "cuDNN keeps everything for the backward pass and recomputes nothing");
        }
        CellOptions options = spec.options();
        if (!options.withProjection(0).withSkipInput(false).isPlainButForCellClip()) {
            return new Answer(
                    null, "cuDNN runs plain cells, projections and inputs that skip the product, not " + options);
        }
        if (options.skipInput() && options.projection() > 0) {
            return new Answer(null, "cuDNN is not given an input that skips the product together with a projection");
        }
        if (spec.cellClip() > 0f) {
            return new Answer(
                    null, "cuDNN leaves the cell state unclipped on a card, also where cudnnRNNSetClip succeeds");
        }
        if (spec.precision() == Precision.F32 && !algorithm.isExact()) {
            return new Answer(
                    null, "the algorithm is good to about 16 bits, F32 promises more; take TF32 for its speed");
        }
        try {
            List<CudnnStack> stacks = new ArrayList<>();
            int layer = 0;
            for (RecurrentSpec stack : CudnnStack.split(spec, mode, reproducible)) {
                stacks.add(measure(layer, stack, mode, type.get()));
                layer += stack.layers();
            }
            return new Answer(new CudnnLayout(spec, mode, type.get(), stacks), null);
        } catch (CudnnUnsupportedException e) {
            return new Answer(null, e.getMessage());
        }
    }

    private CudnnStack measure(int firstLayer, RecurrentSpec stack, Mode mode, CudnnType type) {
        try (CudnnDropout dropout =
                        dropsInCudnn(stack, mode) ? new CudnnDropout(calls.handle(), stack.dropout()) : null;
                CudnnRnn rnn = new CudnnRnn(calls.handle(), algorithm, type, stack, dropout);
                CudnnSequence input = new CudnnSequence(type, stack.steps(), stack.batch(), stack.inputSize())) {
            CudnnCalls.TempSpace inference = calls.tempSpace(rnn, Mode.INFERENCE, input);
            // A training plan runs inference too.
            CudnnCalls.TempSpace needed = mode == Mode.TRAINING ? calls.tempSpace(rnn, mode, input) : inference;
            return new CudnnStack(
                    firstLayer, stack, rnn.weightBytes(), Math.max(inference.work(), needed.work()), needed.reserve());
        }
    }
}
