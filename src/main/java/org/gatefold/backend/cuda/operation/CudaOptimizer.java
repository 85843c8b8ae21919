package org.gatefold.backend.cuda.operation;

import com.google.errorprone.annotations.MustBeClosed;
import java.nio.ByteBuffer;
import org.gatefold.backend.cuda.driver.CudaContext;
import org.gatefold.backend.cuda.kernel.KernelArguments;
import org.gatefold.backend.cuda.kernel.Kernels;
import org.gatefold.device.Scope;
import org.gatefold.op.optimizer.NadamMomentum;
import org.gatefold.op.optimizer.OptimizerOp;
import org.gatefold.op.optimizer.OptimizerPlan;
import org.gatefold.op.optimizer.OptimizerSpec;
import org.gatefold.op.optimizer.Segments;
import org.gatefold.op.optimizer.UpdateRule;
import org.gatefold.tensor.Shape;
import org.gatefold.tensor.Tensor;

/** Optimisers as one launch over all segments of the flat parameter buffer. Thread-safe; plans are not. */
public final class CudaOptimizer extends CudaOperation implements OptimizerOp {
    private static final int BLOCK = 256;

    /** The learning rate and three numbers of the rule. */
    private static final int NUMBERS = 4;

    /** Segments are counted by grid y. */
    private static final int MOST_PARTS = 65_535;

    public CudaOptimizer(CudaContext context, Kernels kernels) {
        super(context, kernels);
    }

    @Override
    @MustBeClosed
    public OptimizerPlan planIn(Scope own, OptimizerSpec spec, Tensor parameters, Tensor gradients) {
        return new Plan(own, spec, parameters, gradients);
    }

    private final class Plan extends OptimizerPlan {
        private Tensor sums;
        private Tensor part;
        private int parts;
        private int blocks;
        private final int gridX;
        private final Tensor partialSums;
        private final Tensor numbers;
        private final NadamMomentum nadam;

        Plan(Scope scope, OptimizerSpec spec, Tensor parameters, Tensor gradients) {
            super(scope, spec, parameters, gradients);
            Segments segments = spec.segments();
            this.sums = scope.f32("segment sums", segments.count(), 2);
            long longest = segments.list().stream()
                    .mapToLong(Segments.Segment::length)
                    .max()
                    .orElse(1);
            this.gridX = Math.toIntExact(
                    Math.min((longest + BLOCK - 1) / BLOCK, context().multiprocessors() * 8L));
            this.partialSums = rule() instanceof UpdateRule.Lamb
                    ? scope.f32("squares of weights and changes", segments.count(), gridX, 4)
                    : null;
            this.numbers = scope.f32("numbers of an update", NUMBERS);
            this.nadam = rule() instanceof UpdateRule.NAdam rule ? new NadamMomentum(rule) : null;
        }

        private ByteBuffer penaltyStruct() {
            return KernelArguments.room(12)
                    .putFloat(0, penalty().l1())
                    .putFloat(4, penalty().l2())
                    .putInt(8, penalty().decoupled() ? 1 : 0);
        }

        private Tensor state(int index) {
            return index < 0 ? null : states().get(index);
        }

        @Override
        protected void computeUpdate(float learningRate, long step, Tensor scale) {
            setNumbers(learningRate, step);
            overParts(() -> updateParts(step, scale));
        }

        /** Writes what changes from update to update where the kernels of this plan read it. */
        private void setNumbers(float learningRate, long step) {
            float[] given = new float[NUMBERS];
            given[0] = learningRate;
            UpdateRule rule = rule();
            if (rule instanceof UpdateRule.Adam r) {
                corrections(given, r.beta1(), r.beta2(), step);
            } else if (rule instanceof UpdateRule.Lamb r) {
                corrections(given, r.beta1(), r.beta2(), step);
            } else if (rule instanceof UpdateRule.AdaMax r) {
                given[1] = correction(r.beta1(), step);
            } else if (rule instanceof UpdateRule.Adagrad r) {
                given[0] = (float) r.rate(learningRate, step);
            } else if (rule instanceof UpdateRule.NAdam r) {
                nadam.at(step);
                given[1] = (float) nadam.ofMean();
                given[2] = (float) nadam.ofGradient();
                given[3] = rootCorrection(r.beta2(), step);
            }
            numbers.write(given);
        }

        private void corrections(float[] given, float beta1, float beta2, long step) {
            given[1] = correction(beta1, step);
            given[2] = rootCorrection(beta2, step);
        }

        /** Launches over whole segments, and over rows as many at a time as a grid takes. */
        private void overParts(Runnable launches) {
            int whole = table().whole();
            int count = table().count();
            if (whole > 0) {
                over(0, whole, gridX, launches);
            }
            for (int from = whole; from < count; from += MOST_PARTS) {
                over(from, Math.min(MOST_PARTS, count - from), 1, launches);
            }
        }

        private void over(int from, int count, int gridOfEach, Runnable launches) {
            part = table().words().part("segments", (long) from * Segments.WORDS, Shape.of(count * Segments.WORDS));
            parts = count;
            blocks = gridOfEach;
            launches.run();
        }

        private void updateParts(long step, Tensor scale) {
            UpdateRule rule = rule();
            if (rule instanceof UpdateRule.Sgd sgd) {
                KernelArguments arguments = buffers(sgd.momentum() > 0f ? 0 : -1);
                common(arguments, scale)
                        .f32(sgd.momentum())
                        .f32(sgd.dampening())
                        .i32(sgd.nesterov() ? 1 : 0)
                        .i32(step == 1 ? 1 : 0);
                overSegments("sgd_f32", arguments);
            } else if (rule instanceof UpdateRule.RmsProp rms) {
                int mean = rms.centered() ? 1 : -1;
                int velocity = rms.momentum() > 0f ? (rms.centered() ? 2 : 1) : -1;
                KernelArguments arguments = buffers(0, mean, velocity);
                common(arguments, scale).f32(rms.alpha()).f32(rms.epsilon()).f32(rms.momentum());
                overSegments("rmsprop_f32", arguments);
            } else if (rule instanceof UpdateRule.Adam adam) {
                KernelArguments arguments = moments(scale, adam.beta1(), adam.beta2(), adam.epsilon());
                overSegments("adam_f32", arguments);
            } else if (rule instanceof UpdateRule.Adagrad adagrad) {
                KernelArguments arguments = buffers(0);
                common(arguments, scale).f32(adagrad.epsilon());
                overSegments("adagrad_f32", arguments);
            } else if (rule instanceof UpdateRule.Adadelta adadelta) {
                KernelArguments arguments = buffers(0, 1);
                common(arguments, scale).f32(adadelta.rho()).f32(adadelta.epsilon());
                overSegments("adadelta_f32", arguments);
            } else if (rule instanceof UpdateRule.NAdam r) {
                KernelArguments arguments = moments(scale, r.beta1(), r.beta2(), r.epsilon());
                overSegments("nadam_f32", arguments);
            } else if (rule instanceof UpdateRule.AdaMax r) {
                KernelArguments arguments = moments(scale, r.beta1(), r.beta2(), r.epsilon());
                overSegments("adamax_f32", arguments);
            } else if (rule instanceof UpdateRule.Lamb lamb) {
                computeLamb(lamb, scale);
            } else {
                throw new IllegalStateException("unknown update rule " + rule);
            }
        }

        private void computeLamb(UpdateRule.Lamb lamb, Tensor scale) {
            KernelArguments moments =
                    moments(scale, lamb.beta1(), lamb.beta2(), lamb.epsilon()).tensor(partialSums);
            overSegments("lamb_moments_f32", moments);
            KernelArguments apply =
                    KernelArguments.of().tensor(parameters()).tensor(state(0)).tensor(state(1));
            common(apply, scale).f32(lamb.epsilon()).tensor(partialSums);
            overSegments("lamb_apply_f32", apply);
        }

        /** What kernels of rules with two moments begin with. */
        private KernelArguments moments(Tensor scale, float beta1, float beta2, float epsilon) {
            return common(buffers(0, 1), scale).f32(beta1).f32(beta2).f32(epsilon);
        }

        private float correction(float beta, long step) {
            return (float) (1.0 - Math.pow(beta, (double) step));
        }

        private float rootCorrection(float beta, long step) {
            return (float) Math.sqrt(1.0 - Math.pow(beta, (double) step));
        }

        /** Parameters, gradients, and the states of these numbers; null for -1. */
        private KernelArguments buffers(int... states) {
            KernelArguments arguments =
                    KernelArguments.of().tensor(parameters()).tensor(gradients());
            for (int index : states) {
                arguments.tensor(state(index));
            }
            return arguments;
        }

        private KernelArguments common(KernelArguments arguments, Tensor scale) {
            return arguments.tensor(part).tensor(scale).struct(penaltyStruct()).tensor(numbers);
        }

        private void overSegments(String kernel, KernelArguments arguments) {
            kernels().launch(stream(), kernel, blocks, parts, BLOCK, 1, arguments);
        }

        @Override
        protected void computeGradientNorm(
                float maxNorm, float lossScale, Tensor required, Tensor squares, Tensor result) {
            int count = table().count();
            if (sums.elements() < 2L * count) {
                sums = scope().f32("segment sums", 2 * count, 2);
            }
            kernels()
                    .launch(
                            stream(),
                            "segment_squares_f32",
                            count,
                            1,
                            BLOCK,
                            1,
                            KernelArguments.of()
                                    .tensor(gradients())
                                    .tensor(table().words())
                                    .tensor(sums)
                                    .tensor(squares));
            kernels()
                    .launch(
                            stream(),
                            "clip_coefficient_f32",
                            1,
                            1,
                            1,
                            1,
                            KernelArguments.of()
                                    .tensor(sums)
                                    .i32(count)
                                    .f32(maxNorm)
                                    .f32(lossScale)
                                    .tensor(required)
                                    .i64(required == null ? 0 : required.elements())
                                    .tensor(result));
        }

        @Override
        protected void computeNoise(float deviation, long key, Tensor scale) {
            overParts(() -> overSegments(
                    "gradient_noise_f32",
                    KernelArguments.of()
                            .tensor(gradients())
                            .tensor(part)
                            .tensor(scale)
                            .f32(deviation)
                            .i64(key)));
        }

        @Override
        protected void computeClipValue(float limit) {
            overParts(() -> overSegments(
                    "clip_value_f32",
                    KernelArguments.of().tensor(gradients()).tensor(part).f32(limit)));
        }
    }
}
