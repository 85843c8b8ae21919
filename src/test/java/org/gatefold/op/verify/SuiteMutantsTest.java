package org.gatefold.op.verify;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.lang.reflect.RecordComponent;
import java.util.List;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.device.Operation;
import org.gatefold.op.attention.AttentionOp;
import org.gatefold.op.attention.AttentionSpec;
import org.gatefold.op.convolution.ConvolutionOp;
import org.gatefold.op.convolution.ConvolutionShape;
import org.gatefold.op.convolution.ConvolutionSpec;
import org.gatefold.op.crf.CrfOp;
import org.gatefold.op.crf.CrfScores;
import org.gatefold.op.ctc.CtcOp;
import org.gatefold.op.ctc.CtcSpec;
import org.gatefold.op.elementwise.Activation;
import org.gatefold.op.elementwise.ElementwiseOp;
import org.gatefold.op.embedding.EmbeddingOp;
import org.gatefold.op.loss.LossOp;
import org.gatefold.op.loss.PointwiseLoss;
import org.gatefold.op.norm.NormOp;
import org.gatefold.op.optimizer.OptimizerOp;
import org.gatefold.op.optimizer.OptimizerSpec;
import org.gatefold.op.optimizer.Segments;
import org.gatefold.op.optimizer.UpdateRule;
import org.gatefold.op.pooling.PoolingOp;
import org.gatefold.op.pooling.PoolingShape;
import org.gatefold.op.pooling.PoolingSpec;
import org.gatefold.tensor.Tensor;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The suites can fail: operations that are wrong on purpose in one respect are told from the right ones. */
class SuiteMutantsTest {
    /** The right computation, with whatever arguments. */
    private interface Right {
        void compute(Object... arguments);
    }

    private interface Wrong {
        /** Computes as it should. */
        Wrong RIGHT = Right::compute;

        void compute(Right right, Object... arguments);
    }

    /**
     * @param what is wrong, for the report
     * @param method of the contract that computes otherwise
     */
    private record Mutant(Class<? extends Operation> contract, String what, String method, Wrong wrong) {
        @Override
        public String toString() {
            return contract.getSimpleName() + ": " + what;
        }
    }

    static Stream<Mutant> mutants() {
        return Stream.of(
                        attentions(),
                        convolutions(),
                        crfs(),
                        ctc(),
                        elementwise(),
                        embeddings(),
                        losses(),
                        norms(),
                        optimizers(),
                        poolings())
                .flatMap(each -> each);
    }

    private static Stream<Mutant> attentions() {
        Class<AttentionOp> op = AttentionOp.class;
        return Stream.of(
                new Mutant(op, "attends to padding", "computeForward", given("lengths", null)),
                new Mutant(
                        op,
                        "scales no scores",
                        "computeForward",
                        attending(s -> new AttentionSpec(s.heads(), 1f, s.causal()))),
                new Mutant(
                        op,
                        "looks ahead",
                        "computeForward",
                        attending(s -> new AttentionSpec(s.heads(), s.scale(), false))),
                new Mutant(
                        op,
                        "looks back only",
                        "computeForward",
                        attending(s -> new AttentionSpec(s.heads(), s.scale(), true))),
                new Mutant(
                        op,
                        "scales no gradients",
                        "computeBackward",
                        attending(s -> new AttentionSpec(s.heads(), 1f, s.causal()))),
                new Mutant(op, "gives queries no gradient", "computeBackward", (right, arguments) -> {
                    right.compute(arguments);
                    ((AttentionOp.BackwardArguments) arguments[0]).dq().fill(0f);
                }),
                new Mutant(op, "gives padding a gradient", "computeBackward", (right, arguments) -> {
                    right.compute(arguments);
                    Tensor dv = ((AttentionOp.BackwardArguments) arguments[0]).dv();
                    dv.write(dv.elements() - 1, new float[] {1f}, 0, 1);
                }));
    }

    /** Computes under another spec, made from the one that is given. */
    private static Wrong attending(UnaryOperator<AttentionSpec> other) {
        return (right, arguments) -> {
            AttentionSpec spec = arguments[0] instanceof AttentionOp.ForwardArguments forward
                    ? forward.spec()
                    : ((AttentionOp.BackwardArguments) arguments[0]).spec();
            given("spec", other.apply(spec)).compute(right, arguments);
        };
    }

    private static Stream<Mutant> convolutions() {
        Class<ConvolutionOp> op = ConvolutionOp.class;
        return Stream.of(
                new Mutant(op, "reads padding", "computeForward", replacing(2, null)),
                new Mutant(op, "forgets the bias", "computeForward", replacing(4, null)),
                new Mutant(op, "begins a step late", "computeForward", shifted(1)),
                new Mutant(op, "gives padding a gradient", "computeBackward", replacing(2, null)),
                new Mutant(op, "goes back a step late", "computeBackward", shifted(1)),
                new Mutant(op, "gives weights no gradient", "computeBackward", replacing(6, null)),
                new Mutant(op, "gives the bias no gradient", "computeBackward", replacing(7, null)),
                new Mutant(op, "writes no dx", "computeBackward", replacing(5, null)));
    }

    /** A convolution that pads more before its steps than it was told. */
    private static Wrong shifted(int steps) {
        return (right, arguments) -> {
            ConvolutionShape s = (ConvolutionShape) arguments[0];
            ConvolutionSpec p = s.spec();
            Object[] changed = arguments.clone();
            changed[0] = new ConvolutionShape(
                    new ConvolutionSpec(
                            p.images(),
                            p.kernelHeight(),
                            p.kernelWidth(),
                            p.strideHeight(),
                            p.strideWidth(),
                            p.dilationHeight(),
                            p.dilationWidth(),
                            p.paddingTop() + steps,
                            p.paddingLeft(),
                            p.groups()),
                    s.count(),
                    s.channels(),
                    s.height(),
                    s.width(),
                    s.outputs(),
                    s.outHeight(),
                    s.outWidth());
            right.compute(changed);
        };
    }

    private static Stream<Mutant> elementwise() {
        Class<ElementwiseOp> op = ElementwiseOp.class;
        return Stream.of(
                new Mutant(op, "forgets the second number", "computeActivate", (right, arguments) -> {
                    Activation f = (Activation) arguments[0];
                    boolean bounds = f.kind() == Activation.Kind.CLIP;
                    replacing(0, new Activation(f.kind(), f.alpha(), bounds ? 9f : 0f))
                            .compute(right, arguments);
                }),
                new Mutant(
                        op,
                        "takes GELU for its neighbour",
                        "computeActivate",
                        activating(Activation.GELU_TANH, Activation.GELU)),
                new Mutant(
                        op,
                        "goes back by GELU's neighbour",
                        "computeActivateBackward",
                        activating(Activation.GELU_TANH, Activation.GELU)),
                new Mutant(
                        op,
                        "goes back beyond a bound",
                        "computeActivateBackward",
                        activating(Activation.of(Activation.Kind.CLIP), Activation.thresholdedRelu(0.5f))),
                new Mutant(op, "takes Mish for SiLU", "computeActivate", activating(Activation.MISH, Activation.SILU)),
                new Mutant(op, "takes the larger for the smaller", "computeCombine", (right, arguments) -> replacing(
                                0,
                                arguments[0] == ElementwiseOp.Binary.MINIMUM
                                        ? ElementwiseOp.Binary.MAXIMUM
                                        : arguments[0])
                        .compute(right, arguments)));
    }

    /** One function computed for another. */
    private static Wrong activating(Activation meant, Activation other) {
        return (right, arguments) -> {
            boolean met = ((Activation) arguments[0]).kind() == meant.kind();
            replacing(0, met ? other : arguments[0]).compute(right, arguments);
        };
    }

    private static Stream<Mutant> crfs() {
        Class<CrfOp> op = CrfOp.class;
        return Stream.of(
                new Mutant(op, "reads padding", "computeLogLikelihood", given("lengths", null)),
                new Mutant(op, "goes back to padding", "computeLogLikelihoodBackward", given("lengths", null)),
                new Mutant(op, "decodes padding", "computeDecode", given("lengths", null)),
                new Mutant(op, "goes from column to row", "computeLogLikelihood", transposing()),
                new Mutant(op, "decodes from column to row", "computeDecode", transposing()),
                new Mutant(op, "starts as it ends", "computeLogLikelihood", scoring(SuiteMutantsTest::turned)),
                new Mutant(
                        op, "goes back as it ends", "computeLogLikelihoodBackward", scoring(SuiteMutantsTest::turned)),
                new Mutant(op, "decodes from the end", "computeDecode", scoring(SuiteMutantsTest::turned)),
                new Mutant(op, "sets gradients", "computeLogLikelihoodBackward", (right, arguments) -> {
                    ((CrfOp.LikelihoodGradients) arguments[0])
                            .dScores()
                            .transitions()
                            .fill(0f);
                    right.compute(arguments);
                }),
                new Mutant(op, "gives the start no gradient", "computeLogLikelihoodBackward", (right, arguments) -> {
                    Tensor start =
                            ((CrfOp.LikelihoodGradients) arguments[0]).dScores().start();
                    float[] before = start.toFloats();
                    right.compute(arguments);
                    start.write(before);
                }));
    }

    private static CrfScores turned(CrfScores s) {
        return new CrfScores(s.transitions(), /* start= */ s.end(), /* end= */ s.start());
    }

    private static CrfScores scores(Object arguments) {
        return arguments instanceof CrfOp.LikelihoodArguments likelihood
                ? likelihood.scores()
                : arguments instanceof CrfOp.DecodeArguments decoding
                        ? decoding.scores()
                        : ((CrfOp.LikelihoodGradients) arguments).scores();
    }

    /** Computes with other scores, made from those that are given. */
    private static Wrong scoring(UnaryOperator<CrfScores> other) {
        return (right, arguments) ->
                given("scores", other.apply(scores(arguments[0]))).compute(right, arguments);
    }

    /** Computes with transitions from column to row. */
    private static Wrong transposing() {
        return (right, arguments) -> {
            Tensor transitions = scores(arguments[0]).transitions();
            float[] before = transitions.toFloats();
            float[] transposed = new float[before.length];
            int labels = transitions.shape().dim(0);
            for (int i = 0; i < before.length; i++) {
                transposed[i % labels * labels + i / labels] = before[i];
            }
            transitions.write(transposed);
            right.compute(arguments);
            transitions.write(before);
        };
    }

    private static Stream<Mutant> embeddings() {
        Class<EmbeddingOp> op = EmbeddingOp.class;
        return Stream.of(
                new Mutant(op, "looks up in padding", "computeForward", replacing(1, null)),
                new Mutant(op, "limits no norm", "computeForward", replacing(3, 0f)),
                new Mutant(op, "sorts padding in", "computeSort", replacing(1, null)),
                new Mutant(op, "trains the padding id", "computeSort", replacing(3, -1)),
                new Mutant(op, "forgets the last row", "computeSort", replacing(2, 300)),
                new Mutant(op, "sets gradients", "computeBackward", (right, arguments) -> {
                    ((Tensor) arguments[3]).fill(0f);
                    right.compute(arguments);
                }),
                new Mutant(op, "adds gradients twice", "computeBackward", (right, arguments) -> {
                    right.compute(arguments);
                    right.compute(arguments);
                }),
                new Mutant(op, "shortens too much", "computeRenormalize", replacing(1, 0.4f)),
                new Mutant(op, "clears all", "computeClear", (right, arguments) -> ((Tensor) arguments[1]).fill(0f)),
                new Mutant(op, "clears nothing", "computeClear", (right, arguments) -> {}));
    }

    private static Stream<Mutant> ctc() {
        Class<CtcOp> op = CtcOp.class;
        return Stream.of(
                new Mutant(op, "reads padding", "computeLoss", given("steps", null)),
                new Mutant(op, "reads labels that are none", "computeLoss", given("counts", null)),
                new Mutant(op, "forgets weights", "computeLoss", given("weights", null)),
                new Mutant(op, "gives no gradient", "computeLoss", given("dLogits", null)),
                new Mutant(
                        op,
                        "lets rows cost infinitely much",
                        "computeLoss",
                        aligning(s -> new CtcSpec(s.blank(), s.reduction(), false))),
                new Mutant(
                        op,
                        "divides by no labels",
                        "computeLoss",
                        aligning(s -> s.reduction() == CtcSpec.Reduction.LABEL_MEAN
                                ? new CtcSpec(s.blank(), CtcSpec.Reduction.ROW_MEAN, s.zeroInfinity())
                                : s)),
                new Mutant(
                        op,
                        "sums where it should average",
                        "computeLoss",
                        aligning(s -> s.reduction() == CtcSpec.Reduction.ROW_MEAN
                                ? new CtcSpec(s.blank(), CtcSpec.Reduction.SUM, s.zeroInfinity())
                                : s)),
                new Mutant(
                        op,
                        "takes another class as blank",
                        "computeLoss",
                        aligning(s -> new CtcSpec(4, s.reduction(), s.zeroInfinity()))));
    }

    /** Computes under another spec, made from the one that is given. */
    private static Wrong aligning(UnaryOperator<CtcSpec> other) {
        return (right, arguments) -> given("spec", other.apply(((CtcOp.LossArguments) arguments[0]).spec()))
                .compute(right, arguments);
    }

    private static Stream<Mutant> losses() {
        Class<LossOp> op = LossOp.class;
        return Stream.of(
                new Mutant(op, "forgets weights of rows", "computePointwise", given("weights", null)),
                new Mutant(
                        op,
                        "takes another constant",
                        "computePointwise",
                        function(f -> new PointwiseLoss(f.kind(), 2 * f.first(), f.second()))),
                new Mutant(
                        op,
                        "squares what is to be taken as it is",
                        "computePointwise",
                        function(f -> f.kind() == PointwiseLoss.Kind.HINGE ? PointwiseLoss.squaredHinge() : f)),
                new Mutant(op, "forgets weights of positive targets", "computePointwise", (right, arguments) -> {
                    boolean quantiles = ((LossOp.PointwiseArguments) arguments[0])
                                    .function()
                                    .kind()
                            == PointwiseLoss.Kind.QUANTILE;
                    (quantiles ? Wrong.RIGHT : given("table", null)).compute(right, arguments);
                }),
                new Mutant(op, "counts ignored labels", "computeCrossEntropy", given("ignoreIndex", 0)),
                new Mutant(op, "smooths nothing", "computeCrossEntropy", given("smoothing", 0f)),
                new Mutant(op, "forgets weights of classes", "computeCrossEntropy", given("classWeights", null)),
                new Mutant(op, "forgets weights of labelled rows", "computeCrossEntropy", given("weights", null)),
                new Mutant(op, "takes all pairs together", "computeCosineEmbedding", given("together", null)),
                new Mutant(op, "takes another margin", "computeCosineEmbedding", given("margin", 0.2f)));
    }

    /** Computes another loss than was asked for. */
    private static Wrong function(UnaryOperator<PointwiseLoss> other) {
        return (right, arguments) -> given(
                        "function", other.apply(((LossOp.PointwiseArguments) arguments[0]).function()))
                .compute(right, arguments);
    }

    private static Stream<Mutant> norms() {
        Class<NormOp> op = NormOp.class;
        return Stream.of(
                new Mutant(op, "forgets gamma", "computeLayerNorm", given("gamma", null)),
                new Mutant(op, "forgets beta", "computeLayerNorm", given("beta", null)),
                new Mutant(op, "forgets gamma on the way back", "computeLayerNormBackward", given("gamma", null)),
                new Mutant(op, "gives beta no gradient", "computeLayerNormBackward", given("dbeta", null)),
                new Mutant(op, "counts padding", "computeBatchStatistics", given("lengths", null)),
                new Mutant(
                        op, "forgets the running variance", "computeBatchStatistics", given("runningVariance", null)),
                new Mutant(op, "takes another momentum", "computeBatchStatistics", given("momentum", 0.9f)),
                new Mutant(op, "normalises padding", "computeBatchNorm", given("lengths", null)),
                new Mutant(op, "takes another epsilon", "computeBatchNorm", given("epsilon", 1e-5f)),
                new Mutant(op, "takes moments as given", "computeBatchNormBackward", given("ofBatch", false)),
                new Mutant(op, "takes moments as of the batch", "computeBatchNormBackward", given("ofBatch", true)),
                new Mutant(op, "counts gradients of padding", "computeBatchNormBackward", given("lengths", null)));
    }

    private static Stream<Mutant> poolings() {
        Class<PoolingOp> op = PoolingOp.class;
        return Stream.of(
                new Mutant(op, "reads padding", "computeForward", replacing(2, null)),
                new Mutant(op, "gives padding a gradient", "computeBackward", replacing(2, null)),
                new Mutant(op, "begins a step late", "computeForward", pooling(p -> padded(p, 1, p.countPadding()))),
                new Mutant(
                        op, "goes back a step late", "computeBackward", pooling(p -> padded(p, 1, p.countPadding()))),
                new Mutant(
                        op,
                        "counts padding otherwise",
                        "computeForward",
                        pooling(p -> padded(p, 0, !p.countPadding()))),
                new Mutant(
                        op,
                        "counts padding otherwise on the way back",
                        "computeBackward",
                        pooling(p -> padded(p, 0, !p.countPadding()))),
                new Mutant(op, "looks at the first row only", "computeForward", pooling(SuiteMutantsTest::flat)),
                new Mutant(
                        op, "sees no later row on the way back", "computeBackward", pooling(SuiteMutantsTest::flat)));
    }

    private static PoolingSpec padded(PoolingSpec p, int more, boolean countPadding) {
        return new PoolingSpec(
                p.kind(),
                p.images(),
                p.kernelHeight(),
                p.kernelWidth(),
                p.strideHeight(),
                p.strideWidth(),
                p.paddingTop() + more,
                p.paddingLeft(),
                countPadding);
    }

    private static PoolingSpec flat(PoolingSpec p) {
        return new PoolingSpec(
                p.kind(),
                p.images(),
                1,
                p.kernelWidth(),
                p.strideHeight(),
                p.strideWidth(),
                p.paddingTop(),
                p.paddingLeft(),
                p.countPadding());
    }

    /** Pools under another spec, made from the one that is given. */
    private static Wrong pooling(UnaryOperator<PoolingSpec> other) {
        return (right, arguments) -> {
            PoolingShape s = (PoolingShape) arguments[0];
            Object[] changed = arguments.clone();
            changed[0] = new PoolingShape(
                    other.apply(s.spec()), s.count(), s.channels(), s.height(), s.width(), s.outHeight(), s.outWidth());
            right.compute(changed);
        };
    }

    private static Stream<Mutant> optimizers() {
        return Stream.of(
                optimizer("forgets penalties", s -> new OptimizerSpec(s.rule(), UpdateRule.Penalty.NONE, s.segments())),
                optimizer(
                        "decays within the gradient",
                        s -> penalised(s, s.penalty().l1(), false)),
                optimizer("forgets L1", s -> penalised(s, 0f, s.penalty().decoupled())),
                optimizer("trains what is frozen", s -> factors(s, segment -> 1f, Segments.Segment::penalty)),
                optimizer("penalises biases", s -> factors(s, Segments.Segment::learningRate, segment -> 1f)),
                following(
                        "takes Nesterov's momentum as plain",
                        UpdateRule.Sgd.class,
                        r -> new UpdateRule.Sgd(r.momentum(), r.dampening(), false)),
                following(
                        "takes another epsilon",
                        UpdateRule.RmsProp.class,
                        r -> new UpdateRule.RmsProp(r.alpha(), r.epsilon() * 2, r.momentum(), r.centered())),
                following(
                        "does not slow down",
                        UpdateRule.Adagrad.class,
                        r -> new UpdateRule.Adagrad(0f, r.initialAccumulator(), r.epsilon())),
                following(
                        "starts sums at 0",
                        UpdateRule.Adagrad.class,
                        r -> new UpdateRule.Adagrad(r.rateDecay(), 0f, r.epsilon())),
                following("forgets epsilon", UpdateRule.Adadelta.class, r -> new UpdateRule.Adadelta(r.rho(), 1e-8f)),
                following(
                        "lets momentum not grow",
                        UpdateRule.NAdam.class,
                        r -> new UpdateRule.NAdam(r.beta1(), r.beta2(), r.epsilon(), 0f)),
                following(
                        "is Adam", UpdateRule.NAdam.class, r -> new UpdateRule.Adam(r.beta1(), r.beta2(), r.epsilon())),
                following(
                        "takes the root mean square",
                        UpdateRule.AdaMax.class,
                        r -> new UpdateRule.Adam(r.beta1(), r.beta2(), r.epsilon())),
                following(
                        "scales by no ratio",
                        UpdateRule.Lamb.class,
                        r -> new UpdateRule.Adam(r.beta1(), r.beta2(), r.epsilon())));
    }

    /** An optimiser that follows another rule where it is told to follow this one. */
    private static <R extends UpdateRule> Mutant following(String what, Class<R> rule, Function<R, UpdateRule> other) {
        return optimizer(
                rule.getSimpleName() + " " + what,
                s -> rule.isInstance(s.rule())
                        ? new OptimizerSpec(other.apply(rule.cast(s.rule())), s.penalty(), s.segments())
                        : s);
    }

    private static OptimizerSpec penalised(OptimizerSpec s, float l1, boolean decoupled) {
        UpdateRule.Penalty penalty = new UpdateRule.Penalty(l1, s.penalty().l2(), decoupled);
        return new OptimizerSpec(s.rule(), penalty, s.segments());
    }

    private static OptimizerSpec factors(
            OptimizerSpec s, Function<Segments.Segment, Float> rate, Function<Segments.Segment, Float> penalty) {
        Segments segments = new Segments(s.segments().list().stream()
                .map(segment -> new Segments.Segment(
                        segment.name(),
                        segment.offset(),
                        segment.length(),
                        rate.apply(segment),
                        penalty.apply(segment)))
                .toList());
        return new OptimizerSpec(s.rule(), s.penalty(), segments);
    }

    /** An optimiser that makes plans under another spec. */
    private static Mutant optimizer(String what, UnaryOperator<OptimizerSpec> other) {
        return new Mutant(OptimizerOp.class, what, "planIn", (right, arguments) -> replacing(
                        1, other.apply((OptimizerSpec) arguments[1]))
                .compute(right, arguments));
    }

    /** Computes with another value of one component of the record that is given. */
    private static Wrong given(String component, Object value) {
        return (right, arguments) -> {
            RecordComponent[] components = arguments[0].getClass().getRecordComponents();
            Class<?>[] types = new Class<?>[components.length];
            Object[] values = new Object[components.length];
            try {
                for (int i = 0; i < components.length; i++) {
                    types[i] = components[i].getType();
                    values[i] = components[i].getName().equals(component)
                            ? value
                            : components[i].getAccessor().invoke(arguments[0]);
                }
                right.compute(
                        arguments[0].getClass().getDeclaredConstructor(types).newInstance(values));
            } catch (ReflectiveOperationException e) {
                throw new LinkageError(e.getMessage(), e);
            }
        };
    }

    private static Wrong replacing(int index, Object value) {
        return (right, arguments) -> {
            Object[] changed = arguments.clone();
            changed[index] = value;
            right.compute(changed);
        };
    }

    @ParameterizedTest
    @MethodSource("mutants")
    void isCaught(Mutant mutant) {
        assertThat(failures(mutant.contract(), mutant)).isNotEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            classes = {
                AttentionOp.class,
                ConvolutionOp.class,
                CrfOp.class,
                CtcOp.class,
                ElementwiseOp.class,
                EmbeddingOp.class,
                LossOp.class,
                NormOp.class,
                OptimizerOp.class,
                PoolingOp.class
            })
    void theRightOneIsNotCaught(Class<? extends Operation> contract) {
        assertThat(failures(contract, null)).isEmpty();
    }

    private static <O extends Operation> List<String> failures(Class<O> contract, Mutant mutant) {
        try (Device device = Devices.named("reference")) {
            O right = device.operation(contract);
            O subject = mutant == null ? right : mutated(contract, right, mutant);
            Oracle<O> oracle = new Oracle<>(device, contract);
            @SuppressWarnings("unchecked") // found by the contract
            Suite<O> suite = (Suite<O>) Suite.all().stream()
                    .filter(each -> each.contract() == contract)
                    .findFirst()
                    .orElseThrow();
            return suite.checks(right, Extent.FULL).stream()
                    .map(check -> Verification.of(
                            device, subject, check.check(), oracle.results(check.check()), check.limit()))
                    .filter(verification -> !verification.passed())
                    .map(Verification::failure)
                    .toList();
        }
    }

    private static <O extends Operation> O mutated(Class<O> contract, O right, Mutant mutant) {
        InvocationHandler handler = (proxy, method, arguments) -> {
            if (method.isDefault()) {
                return InvocationHandler.invokeDefault(proxy, method, arguments);
            }
            if (!method.getName().equals(mutant.method())) {
                return method.invoke(right, arguments);
            }
            Object[] result = new Object[1];
            mutant.wrong()
                    .compute(
                            given -> {
                                try {
                                    result[0] = method.invoke(right, given);
                                } catch (IllegalAccessException | InvocationTargetException e) {
                                    throw new IllegalStateException(e);
                                }
                            },
                            arguments);
            return result[0];
        };
        return contract.cast(Proxy.newProxyInstance(contract.getClassLoader(), new Class<?>[] {contract}, handler));
    }
}
