package org.gatefold.op;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.gatefold.device.Closing;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.device.Operation;
import org.gatefold.device.Scope;
import org.gatefold.op.attention.AttentionOp;
import org.gatefold.op.attention.AttentionSpec;
import org.gatefold.op.convolution.ConvolutionOp;
import org.gatefold.op.convolution.ConvolutionSpec;
import org.gatefold.op.crf.CrfOp;
import org.gatefold.op.crf.CrfScores;
import org.gatefold.op.ctc.CtcOp;
import org.gatefold.op.ctc.CtcSpec;
import org.gatefold.op.elementwise.Activation;
import org.gatefold.op.elementwise.ElementwiseOp;
import org.gatefold.op.embedding.EmbeddingOp;
import org.gatefold.op.linear.LinearOp;
import org.gatefold.op.loss.LossOp;
import org.gatefold.op.loss.PointwiseLoss;
import org.gatefold.op.norm.NormOp;
import org.gatefold.op.optimizer.OptimizerPlan;
import org.gatefold.op.optimizer.OptimizerSpec;
import org.gatefold.op.optimizer.Segments;
import org.gatefold.op.optimizer.UpdateRule;
import org.gatefold.op.pooling.PoolingOp;
import org.gatefold.op.pooling.PoolingSpec;
import org.gatefold.op.recurrent.Cell;
import org.gatefold.op.recurrent.RecurrentOp;
import org.gatefold.op.recurrent.RecurrentPlan;
import org.gatefold.op.recurrent.RecurrentSpec;
import org.gatefold.op.recurrent.RecurrentState;
import org.gatefold.op.recurrent.RecurrentWeights;
import org.gatefold.op.recurrent.Reserve;
import org.gatefold.op.sequence.SequenceOp;
import org.gatefold.op.softmax.SoftmaxOp;
import org.gatefold.tensor.Lengths;
import org.gatefold.tensor.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every method of every contract keeps all its tensors, each in a scope of its own here: within the computation, whoever
 * closes one of the scopes waits, and afterwards the same call is refused.
 */
@SuppressWarnings("MustBeClosedChecker") // the device closes all
class FrontDoorTest {
    private static final RecurrentSpec SPEC = RecurrentSpec.of(Cell.LSTM, 2, 3, 4, 5);
    private static final List<Class<? extends Operation>> CONTRACTS = List.of(
            AttentionOp.class,
            ConvolutionOp.class,
            CrfOp.class,
            CtcOp.class,
            ElementwiseOp.class,
            EmbeddingOp.class,
            LinearOp.class,
            LossOp.class,
            NormOp.class,
            PoolingOp.class,
            SequenceOp.class,
            SoftmaxOp.class);

    private final List<Scope> scopes = new ArrayList<>();
    private final List<Closing> closings = new ArrayList<>();
    private boolean checking;
    private Device device;

    @BeforeEach
    @SuppressWarnings("MustBeClosedChecker") // closed after each test
    void open() {
        device = Devices.named("reference");
    }

    @AfterEach
    void close() {
        device.close();
    }

    /** A call of one method of a contract, by the name of what implementations compute. */
    private record Door<O extends Operation>(Class<O> contract, String name, Consumer<FrontDoorTest> call) {
        @Override
        public String toString() {
            return contract.getSimpleName() + "." + name;
        }
    }

    private interface Invocation<O> {
        void of(FrontDoorTest test, O op);
    }

    private static <O extends Operation> Door<O> door(Class<O> contract, String name, Invocation<O> call) {
        return new Door<>(contract, name, test -> call.of(test, test.operation(contract)));
    }

    static Stream<Door<?>> doors() {
        Class<ElementwiseOp> elementwise = ElementwiseOp.class;
        Class<EmbeddingOp> embedding = EmbeddingOp.class;
        Class<ConvolutionOp> convolution = ConvolutionOp.class;
        ConvolutionSpec steps = ConvolutionSpec.steps(2, 1, 1, 0, 1);
        Class<AttentionOp> attention = AttentionOp.class;
        AttentionSpec oneHead = new AttentionSpec(1, 1f, false);
        Class<NormOp> norm = NormOp.class;
        Class<CrfOp> crf = CrfOp.class;
        Class<PoolingOp> pooling = PoolingOp.class;
        PoolingSpec windows = PoolingSpec.steps(PoolingSpec.Kind.MAX, 2, 1, 0, false);
        Class<SequenceOp> sequence = SequenceOp.class;
        return Stream.of(
                door(
                        crf,
                        "logLikelihood",
                        (t, op) ->
                                op.logLikelihood(t.scores(4), t.f32(2, 3, 4), t.lengths(2, 3), t.i32(2, 3), t.f32(3))),
                door(
                        crf,
                        "logLikelihoodBackward",
                        (t, op) -> op.logLikelihoodBackward(
                                t.scores(4),
                                t.f32(2, 3, 4),
                                t.lengths(2, 3),
                                t.i32(2, 3),
                                t.f32(3),
                                t.f32(2, 3, 4),
                                t.scores(4))),
                door(
                        crf,
                        "decode",
                        (t, op) -> op.decode(t.scores(4), t.f32(2, 3, 4), t.lengths(2, 3), t.i32(2, 3), t.f32(3))),
                door(
                        pooling,
                        "forward",
                        (t, op) -> op.forward(windows, t.f32(3, 2, 4), t.lengths(3, 2), t.f32(2, 2, 4))),
                door(
                        pooling,
                        "backward",
                        (t, op) -> op.backward(
                                windows,
                                t.f32(3, 2, 4),
                                t.lengths(3, 2),
                                t.f32(2, 2, 4),
                                t.f32(2, 2, 4),
                                t.f32(3, 2, 4))),
                door(
                        attention,
                        "forward",
                        (t, op) -> op.forward(
                                oneHead,
                                t.f32(2, 3, 4),
                                t.f32(2, 3, 4),
                                t.f32(2, 3, 5),
                                t.lengths(2, 3),
                                t.f32(3, 1, 2, 2),
                                t.f32(2, 3, 5))),
                door(
                        attention,
                        "backward",
                        (t, op) -> op.backward(
                                oneHead,
                                t.f32(2, 3, 4),
                                t.f32(2, 3, 4),
                                t.f32(2, 3, 5),
                                t.lengths(2, 3),
                                t.f32(3, 1, 2, 2),
                                t.f32(2, 3, 5),
                                t.f32(2, 3, 4),
                                t.f32(2, 3, 4),
                                t.f32(2, 3, 5))),
                door(
                        convolution,
                        "forward",
                        (t, op) -> op.forward(
                                steps, t.f32(2, 3, 4), t.lengths(2, 3), t.f32(5, 4, 2), t.f32(5), t.f32(1, 3, 5))),
                door(
                        convolution,
                        "backward",
                        (t, op) -> op.backward(
                                steps,
                                t.f32(2, 3, 4),
                                t.lengths(2, 3),
                                t.f32(5, 4, 2),
                                t.f32(1, 3, 5),
                                t.f32(2, 3, 4),
                                t.f32(5, 4, 2),
                                t.f32(5))),
                door(norm, "layerNorm", (t, op) -> op.layerNorm(t.f32(6, 4), t.f32(4), t.f32(4), 1f, t.f32(6, 4))),
                door(
                        norm,
                        "layerNormBackward",
                        (t, op) -> op.layerNormBackward(
                                t.f32(6, 4), t.f32(4), 1f, t.f32(6, 4), t.f32(6, 4), t.f32(4), t.f32(4))),
                door(
                        norm,
                        "batchStatistics",
                        (t, op) -> op.batchStatistics(
                                t.f32(6, 4, 1), t.lengths(2, 3), 0f, t.f32(4), t.f32(4), t.f32(4), t.f32(4))),
                door(
                        norm,
                        "batchNorm",
                        (t, op) -> op.batchNorm(
                                t.f32(6, 4, 1),
                                t.lengths(2, 3),
                                t.f32(4),
                                t.f32(4),
                                t.f32(4),
                                t.f32(4),
                                1f,
                                t.f32(6, 4, 1))),
                door(
                        norm,
                        "batchNormBackward",
                        (t, op) -> op.batchNormBackward(
                                true,
                                t.f32(6, 4, 1),
                                t.lengths(2, 3),
                                t.f32(4),
                                t.f32(4),
                                t.f32(4),
                                1f,
                                t.f32(6, 4, 1),
                                t.f32(6, 4, 1),
                                t.f32(4),
                                t.f32(4))),
                door(
                        embedding,
                        "forward",
                        (t, op) -> op.forward(t.i32(2, 3), t.lengths(2, 3), t.f32(5, 4), 0f, t.f32(2, 3, 4))),
                door(embedding, "sort", (t, op) -> op.sort(t.i32(2, 3), t.lengths(2, 3), 5, -1, t.i32(6), t.i32(6))),
                door(embedding, "backward", (t, op) -> op.backward(t.i32(6), t.i32(6), t.f32(6, 4), t.f32(5, 4))),
                door(embedding, "renormalize", (t, op) -> op.renormalize(t.i32(6), 1f, t.f32(5, 4))),
                door(embedding, "clear", (t, op) -> op.clear(t.i32(6), t.f32(5, 4))),
                door(elementwise, "activate", (t, op) -> op.activate(Activation.TANH, t.f32(2), t.f32(2))),
                door(
                        elementwise,
                        "activateBackward",
                        (t, op) -> op.activateBackward(Activation.TANH, t.f32(2), t.f32(2), t.f32(2), t.f32(2))),
                door(
                        elementwise,
                        "combine",
                        (t, op) -> op.combine(ElementwiseOp.Binary.ADD, t.f32(2), t.f32(2), t.f32(2))),
                door(elementwise, "addScaled", (t, op) -> op.addScaled(1f, t.f32(2), t.f32(2))),
                door(elementwise, "scale", (t, op) -> op.scale(1f, t.f32(2), t.f32(2))),
                door(elementwise, "dropout", (t, op) -> op.dropout(0.5f, 1, 1, t.f32(2), t.f32(2))),
                door(LinearOp.class, "forward", (t, op) -> op.forward(t.f32(2, 3), t.f32(4, 3), t.f32(4), t.f32(2, 4))),
                door(
                        LinearOp.class,
                        "backward",
                        (t, op) ->
                                op.backward(t.f32(2, 3), t.f32(4, 3), t.f32(2, 4), t.f32(2, 3), t.f32(4, 3), t.f32(4))),
                door(
                        LossOp.class,
                        "pointwise",
                        (t, op) -> op.pointwise(
                                PointwiseLoss.binaryCrossEntropy(),
                                t.f32(3),
                                t.f32(2, 3),
                                t.f32(2, 3),
                                t.f32(2),
                                t.f32(1),
                                t.f32(2, 3))),
                door(
                        LossOp.class,
                        "cosineEmbedding",
                        (t, op) -> op.cosineEmbedding(
                                t.f32(2, 3), t.f32(2, 3), t.f32(2), 0f, t.f32(2), t.f32(1), t.f32(2, 3), t.f32(2, 3))),
                door(
                        LossOp.class,
                        "crossEntropy",
                        (t, op) -> op.crossEntropy(
                                t.f32(2, 3), t.i32(2), -1, 0f, t.f32(3), t.f32(2), t.f32(1), t.f32(2, 3))),
                door(
                        CtcOp.class,
                        "loss",
                        (t, op) -> op.loss(
                                new CtcSpec(0, CtcSpec.Reduction.SUM, false),
                                t.f32(2, 3, 4),
                                t.lengths(2, 3),
                                t.i32(5, 3),
                                t.lengths(5, 3),
                                t.f32(3),
                                t.f32(1),
                                t.f32(2, 3, 4))),
                door(SoftmaxOp.class, "forward", (t, op) -> op.forward(true, t.f32(2, 3), t.f32(2, 3))),
                door(SoftmaxOp.class, "backward", (t, op) -> op.backward(true, t.f32(2, 3), t.f32(2, 3), t.f32(2, 3))),
                door(sequence, "transpose", (t, op) -> op.transpose(t.f32(2, 3, 4), t.f32(3, 2, 4))),
                door(
                        sequence,
                        "pool",
                        (t, op) -> op.pool(SequenceOp.Pooling.MAX, t.f32(2, 3, 4), t.lengths(2, 3), t.f32(3, 4))),
                door(
                        sequence,
                        "poolBackward",
                        (t, op) -> op.poolBackward(
                                SequenceOp.Pooling.MAX, t.f32(2, 3, 4), t.lengths(2, 3), t.f32(3, 4), t.f32(2, 3, 4))),
                door(sequence, "mask", (t, op) -> op.mask(t.lengths(2, 3), t.f32(2, 3))),
                door(sequence, "concatenate", (t, op) -> op.concatenate(t.f32(2, 3), t.f32(2, 4), t.f32(2, 7))),
                door(sequence, "split", (t, op) -> op.split(t.f32(2, 7), t.f32(2, 3), t.f32(2, 4))));
    }

    @ParameterizedTest
    @MethodSource("doors")
    void keepsItsTensors(Door<?> door) throws InterruptedException {
        requireKept(() -> door.call().accept(this));
    }

    /** So that a method that is added to a contract is added here. */
    @Test
    void noDoorIsLeftOut() {
        Set<String> contracts = new TreeSet<>();
        for (Class<?> contract : CONTRACTS) {
            for (Method method : contract.getMethods()) {
                if (method.isDefault()) {
                    contracts.add(contract.getSimpleName() + "." + method.getName());
                }
            }
        }
        assertThat(doors().map(Door::toString)).containsExactlyInAnyOrderElementsOf(contracts);
    }

    @Test
    void recurrentPlansKeepWhatTheyUse() throws InterruptedException {
        RecurrentPlan plan = new ParkedRecurrent().plan(scope(), SPEC, Mode.TRAINING);
        requireKept(() -> plan.setWeights(weights()));

        RecurrentPlan second = new ParkedRecurrent().plan(scope(), SPEC, Mode.TRAINING);
        second.setWeights(weights());
        requireKept(() -> second.infer(x(), lengths(2, 3), state(), y(), state()));

        RecurrentPlan third = new ParkedRecurrent().plan(scope(), SPEC, Mode.TRAINING);
        third.setWeights(weights());
        Reserve reserve = third.reserve(scope());
        requireKept(() -> third.forward(x(), lengths(2, 3), state(), y(), state(), reserve, 1));

        RecurrentPlan fourth = new ParkedRecurrent().plan(scope(), SPEC, Mode.TRAINING);
        fourth.setWeights(weights());
        Reserve filled = fourth.reserve(scope());
        List<Scope> ofBackward = List.copyOf(scopes);
        fourth.forward(x(), null, null, y(), null, filled, 1);
        scopes.retainAll(ofBackward);
        requireKept(
                () -> fourth.backward(x(), lengths(2, 3), state(), y(), y(), state(), x(), state(), weights(), filled));
    }

    @Test
    void aPlanThatRunsOnTheWeightsThemselvesIsRefusedWithoutThem() {
        RecurrentPlan plan = new ParkedRecurrent().plan(scope(), SPEC, Mode.INFERENCE);
        Scope model = scope();
        plan.setWeights(new RecurrentWeights(
                new RecurrentWeights.Set(model.f32("wx", 20, 4), model.f32("wh", 20, 5), model.f32("b", 20))));
        model.close();
        assertThatIllegalStateException()
                .isThrownBy(() -> plan.infer(x(), null, null, y(), null))
                .withMessageStartingWith("tensor 'wx' was used after its scope");
    }

    @Test
    void optimizerPlansKeepWhatTheyUse() throws InterruptedException {
        requireKept(() -> optimizer().gradientNorm(1f, f32(1), f32(2)));
        requireKept(() -> optimizer().clipValue(1f));
        requireKept(() -> optimizer().addNoise(0.1f, 7, 1, f32(1)));
        requireKept(() -> optimizer().update(0.1f, 1, f32(1)));
    }

    /** Runs a call whose computation, which is {@link #compute()}, happens once, while all scopes are being closed. */
    private void requireKept(Runnable call) throws InterruptedException {
        checking = true;
        closings.clear();
        call.run();
        checking = false;
        assertThat(closings).isNotEmpty().hasSameSizeAs(scopes);
        for (Closing closing : closings) {
            closing.requireEnd();
        }
        assertThat(scopes).allMatch(Scope::isClosed);
        scopes.clear();
    }

    private void compute() {
        if (checking) {
            scopes.forEach(scope -> closings.add(Closing.thatWaits(scope::close)));
        }
    }

    private <O extends Operation> O operation(Class<O> contract) {
        InvocationHandler handler = (proxy, method, arguments) -> {
            if (method.isDefault()) {
                return InvocationHandler.invokeDefault(proxy, method, arguments);
            }
            compute();
            return null;
        };
        return contract.cast(Proxy.newProxyInstance(contract.getClassLoader(), new Class<?>[] {contract}, handler));
    }

    private Scope scope() {
        scopes.add(device.openScope("scope " + scopes.size()));
        return scopes.get(scopes.size() - 1);
    }

    private Tensor f32(int... shape) {
        return scope().f32("x", shape);
    }

    private CrfScores scores(int labels) {
        return new CrfScores(f32(labels, labels), f32(labels), f32(labels));
    }

    private Tensor i32(int... shape) {
        return scope().i32("x", shape);
    }

    private Lengths lengths(int steps, int batch) {
        return scope().lengths(steps, new int[batch]);
    }

    private Tensor x() {
        return f32(2, 3, 4);
    }

    private Tensor y() {
        return f32(2, 3, 5);
    }

    private RecurrentState state() {
        return new RecurrentState(f32(1, 3, 5), f32(1, 3, 5));
    }

    private RecurrentWeights weights() {
        return new RecurrentWeights(new RecurrentWeights.Set(f32(20, 4), f32(20, 5), f32(20)));
    }

    private OptimizerPlan optimizer() {
        Segments segments = new Segments(List.of(new Segments.Segment("w", 0, 8, 1f, 1f)));
        return new ParkedOptimizer(scope(), segments, f32(8), f32(8));
    }

    private final class ParkedRecurrent implements RecurrentOp {
        @Override
        public String name() {
            return "parked";
        }

        @Override
        public Optional<String> unsupported(RecurrentSpec spec, Mode mode) {
            return Optional.empty();
        }

        @Override
        public Footprint footprint(RecurrentSpec spec, Mode mode) {
            return new Footprint(4, 4);
        }

        @Override
        public RecurrentPlan plan(Scope scope, RecurrentSpec spec, Mode mode) {
            return scope.child("plan", own -> new ParkedPlan(this, spec, mode, own));
        }
    }

    private final class ParkedPlan extends RecurrentPlan {
        ParkedPlan(RecurrentOp op, RecurrentSpec spec, Mode mode, Scope scope) {
            super(op, spec, mode, scope);
        }

        @Override
        protected boolean keepsWeights() {
            return true;
        }

        @Override
        protected void computeSetWeights(RecurrentWeights weights) {
            compute();
        }

        @Override
        protected void computeForward(ForwardArguments pass) {
            compute();
        }

        @Override
        protected void computeBackward(BackwardArguments pass) {
            compute();
        }
    }

    private final class ParkedOptimizer extends OptimizerPlan {
        ParkedOptimizer(Scope scope, Segments segments, Tensor parameters, Tensor gradients) {
            super(
                    scope,
                    new OptimizerSpec(new UpdateRule.Sgd(0f, 0f, false), UpdateRule.Penalty.NONE, segments),
                    parameters,
                    gradients);
        }

        @Override
        protected void computeGradientNorm(
                float maxNorm, float lossScale, Tensor required, Tensor squares, Tensor result) {
            compute();
        }

        @Override
        protected void computeClipValue(float limit) {
            compute();
        }

        @Override
        protected void computeNoise(float deviation, long key, Tensor scale) {
            compute();
        }

        @Override
        protected void computeUpdate(float learningRate, long step, Tensor scale) {
            compute();
        }
    }
}
