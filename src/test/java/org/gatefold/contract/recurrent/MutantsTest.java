package org.gatefold.contract.recurrent;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.errorprone.annotations.MustBeClosed;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.gatefold.contract.Compare;
import org.gatefold.contract.oracle.NaiveRecurrent;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.device.Scope;
import org.gatefold.op.Mode;
import org.gatefold.op.recurrent.Cell;
import org.gatefold.op.recurrent.Direction;
import org.gatefold.op.recurrent.RecurrentOp;
import org.gatefold.op.recurrent.RecurrentPlan;
import org.gatefold.op.recurrent.RecurrentSpec;
import org.gatefold.op.recurrent.RecurrentState;
import org.gatefold.op.recurrent.RecurrentWeights;
import org.gatefold.op.recurrent.Reserve;
import org.gatefold.tensor.Lengths;
import org.gatefold.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The suite can fail: implementations that are wrong on purpose are told from the right one. */
class MutantsTest {
    /** What is wrong with an implementation. */
    enum Mutation {
        NONE,
        SWAPPED_INPUT_AND_FORGET_GATE,
        SWAPPED_CANDIDATE_AND_OUTPUT_GATE,
        ZERO_RECURRENT_WEIGHTS,
        ZERO_BIAS,
        IGNORED_INITIAL_STATE,
        IGNORED_LENGTHS,
        IGNORED_CLIP,
        IGNORED_DROPOUT,
        OTHER_DROPOUT_SEED,
        REVERSED_READING,
        FINAL_H_AND_C_SWAPPED,
        DROPPED_GRADIENT_OF_FINAL_C,
        DROPPED_GRADIENT_OF_FINAL_H,
        DROPPED_GRADIENT_OF_Y,
        INITIAL_GRADIENTS_SWAPPED,
        UNWRITTEN_DX,
        WEIGHT_GRADIENTS_TWICE,
        WEIGHT_GRADIENTS_OVERWRITTEN,
        ZERO_PROJECTION,
        SWAPPED_FEATURES_OF_THE_PROJECTION,
        UNWRITTEN_GRADIENT_OF_THE_PROJECTION,
        SWAPPED_GAINS_OF_PRODUCTS,
        NO_GAIN_OF_CELL_STATES,
        NO_SHIFT_OF_CELL_STATES,
        NOT_NORMALISED,
        UNWRITTEN_GRADIENT_OF_GAINS
    }

    private static final RecurrentSpec SPEC = RecurrentSpec.of(Cell.LSTM, 6, 3, 4, 5)
            .withLayers(2)
            .withDirection(Direction.REVERSE)
            .withDropout(0.5f)
            .withCellClip(0.5f);

    private static RecurrentSpec spec(Mutation mutation) {
        return switch (mutation) {
            case ZERO_PROJECTION, SWAPPED_FEATURES_OF_THE_PROJECTION, UNWRITTEN_GRADIENT_OF_THE_PROJECTION ->
                projected(SPEC);
            case SWAPPED_GAINS_OF_PRODUCTS,
                    NO_GAIN_OF_CELL_STATES,
                    NO_SHIFT_OF_CELL_STATES,
                    NOT_NORMALISED,
                    UNWRITTEN_GRADIENT_OF_GAINS -> normalised(SPEC);
            default -> SPEC;
        };
    }

    private static RecurrentSpec projected(RecurrentSpec spec) {
        return spec.withOptions(spec.options().withProjection(3));
    }

    private static RecurrentSpec normalised(RecurrentSpec spec) {
        return spec.withOptions(spec.options().withLayerNorm(true));
    }

    @ParameterizedTest
    @EnumSource(value = Mutation.class, mode = EnumSource.Mode.EXCLUDE, names = "NONE")
    void isCaught(Mutation mutation) {
        assertThat(differences(mutation, spec(mutation))).isNotEmpty();
    }

    @Test
    void theUnchangedImplementationIsNotCaught() {
        assertThat(differences(Mutation.NONE, SPEC)).isEmpty();
        assertThat(differences(Mutation.NONE, projected(SPEC))).isEmpty();
        assertThat(differences(Mutation.NONE, normalised(SPEC))).isEmpty();
    }

    private static List<String> differences(Mutation mutation, RecurrentSpec spec) {
        try (Device device = Devices.named("reference");
                Scope scope = device.openScope("mutants")) {
            RecurrentOp mutant = new Mutant(device.operation(RecurrentOp.class), mutation);
            RecurrentCase given = RecurrentCase.random(spec, 30).withPadding(0.5f);
            try (RecurrentRun run = new RecurrentRun(mutant, scope, given, Mode.TRAINING)) {
                for (RecurrentWeights.Set set : run.dWeights.sets()) {
                    set.wx().fill(1f);
                }
                run.forward();
                run.backward();
                for (RecurrentWeights.Set set : run.dWeights.sets()) {
                    float[] values = set.wx().toFloats();
                    for (int i = 0; i < values.length; i++) {
                        values[i] -= 1f;
                    }
                    set.wx().write(values);
                }
                return Compare.differences(run.results(), NaiveRecurrent.training(given), RecurrentContract.TOLERANCE);
            }
        }
    }

    /** Hands everything on to another implementation, but for what its mutation changes. */
    private record Mutant(RecurrentOp inner, Mutation mutation) implements ForwardingRecurrent {
        @Override
        public String name() {
            return mutation.name();
        }

        @Override
        @MustBeClosed
        public RecurrentPlan plan(Scope scope, RecurrentSpec spec, Mode mode) {
            return new MutantPlan(this, spec, mode, scope.child("mutant"));
        }
    }

    private static final class MutantPlan extends RecurrentPlan {
        private final Mutation mutation;
        private final RecurrentSpec changed;
        private final RecurrentPlan inner;
        private final Reserve innerReserve;

        @SuppressWarnings("MustBeClosedChecker") // the scope closes the inner plan
        MutantPlan(Mutant op, RecurrentSpec spec, Mode mode, Scope scope) {
            super(op, spec, mode, scope);
            mutation = op.mutation();
            changed = switch (mutation) {
                case IGNORED_CLIP -> spec.withCellClip(0f);
                case NOT_NORMALISED -> spec.withOptions(spec.options().withLayerNorm(false));
                case IGNORED_DROPOUT -> spec.withDropout(0f);
                case REVERSED_READING -> spec.withDirection(Direction.FORWARD);
                default -> spec;
            };
            inner = scope.own(op.inner().plan(scope, changed, mode));
            innerReserve = inner.reserve(scope);
        }

        @Override
        protected void computeSetWeights(RecurrentWeights weights) {
            List<RecurrentWeights.Set> sets = new ArrayList<>();
            for (RecurrentWeights.Set set : weights.sets()) {
                sets.add(new RecurrentWeights.Set(
                        changedCopy(set.wx(), false),
                        changedCopy(set.wh(), true),
                        changedBias(set.b()),
                        null,
                        set.wr() == null ? null : changedProjection(set.wr()),
                        set.norm() == null || mutation == Mutation.NOT_NORMALISED ? null : changedNorm(set.norm())));
            }
            inner.setWeights(new RecurrentWeights(sets));
        }

        private Tensor changedProjection(Tensor projection) {
            float[] values = projection.toFloats();
            int units = projection.shape().last();
            for (int i = 0; mutation == Mutation.SWAPPED_FEATURES_OF_THE_PROJECTION && i < units; i++) {
                float saved = values[i];
                values[i] = values[units + i];
                values[units + i] = saved;
            }
            Tensor copy = scope().f32("changed", projection.shape());
            copy.write(mutation == Mutation.ZERO_PROJECTION ? new float[values.length] : values);
            return copy;
        }

        private Tensor changedNorm(Tensor norm) {
            float[] values = norm.toFloats();
            int units = values.length / 10;
            for (int i = 0; mutation == Mutation.SWAPPED_GAINS_OF_PRODUCTS && i < 4 * units; i++) {
                float saved = values[i];
                values[i] = values[4 * units + i];
                values[4 * units + i] = saved;
            }
            if (mutation == Mutation.NO_GAIN_OF_CELL_STATES) {
                Arrays.fill(values, 8 * units, 9 * units, 1f);
            }
            if (mutation == Mutation.NO_SHIFT_OF_CELL_STATES) {
                Arrays.fill(values, 9 * units, 10 * units, 0f);
            }
            Tensor copy = scope().f32("changed", norm.shape());
            copy.write(values);
            return copy;
        }

        private RecurrentWeights changedGradients(RecurrentWeights gradients) {
            boolean ofProjection = mutation == Mutation.UNWRITTEN_GRADIENT_OF_THE_PROJECTION;
            boolean ofGains = mutation == Mutation.UNWRITTEN_GRADIENT_OF_GAINS;
            if (!ofProjection && !ofGains && mutation != Mutation.NOT_NORMALISED) {
                return gradients;
            }
            List<RecurrentWeights.Set> sets = new ArrayList<>();
            for (RecurrentWeights.Set set : gradients.sets()) {
                sets.add(new RecurrentWeights.Set(
                        set.wx(),
                        set.wh(),
                        set.b(),
                        null,
                        ofProjection ? zeros(set.wr()) : null,
                        ofGains ? zeros(set.norm()) : null));
            }
            return new RecurrentWeights(sets);
        }

        private Tensor changedBias(Tensor bias) {
            Tensor copy = changedCopy(bias, false);
            if (mutation == Mutation.ZERO_BIAS) {
                copy.fill(0f);
            }
            return copy;
        }

        private Tensor changedCopy(Tensor tensor, boolean recurrent) {
            float[] values = tensor.toFloats();
            int block = values.length / 4;
            int first =
                    switch (mutation) {
                        case SWAPPED_INPUT_AND_FORGET_GATE -> 0;
                        case SWAPPED_CANDIDATE_AND_OUTPUT_GATE -> 2;
                        default -> -1;
                    };
            for (int i = 0; first >= 0 && i < block; i++) {
                float saved = values[first * block + i];
                values[first * block + i] = values[(first + 1) * block + i];
                values[(first + 1) * block + i] = saved;
            }
            Tensor copy = scope().f32("changed", tensor.shape());
            copy.write(values);
            if (recurrent && mutation == Mutation.ZERO_RECURRENT_WEIGHTS) {
                copy.fill(0f);
            }
            return copy;
        }

        private Lengths changed(Lengths lengths) {
            return mutation == Mutation.IGNORED_LENGTHS ? null : lengths;
        }

        private RecurrentState changed(RecurrentState initial) {
            return mutation == Mutation.IGNORED_INITIAL_STATE ? null : initial;
        }

        @Override
        protected void computeForward(ForwardArguments given) {
            RecurrentState last = given.last();
            inner.forward(
                    given.x(),
                    changed(given.lengths()),
                    changed(given.initial()),
                    given.y(),
                    mutation == Mutation.FINAL_H_AND_C_SWAPPED ? new RecurrentState(last.c(), last.h()) : last,
                    innerReserve,
                    mutation == Mutation.OTHER_DROPOUT_SEED ? given.dropoutSeed() + 1 : given.dropoutSeed());
        }

        @Override
        protected void computeBackward(BackwardArguments given) {
            RecurrentWeights dWeights = changedGradients(given.dWeights());
            RecurrentState dLast = given.dLast();
            RecurrentState dInitial = given.dInitial();
            if (mutation == Mutation.WEIGHT_GRADIENTS_OVERWRITTEN) {
                dWeights.sets().forEach(set -> set.wx().fill(0f));
            }
            inner.backward(
                    given.x(),
                    changed(given.lengths()),
                    changed(given.initial()),
                    given.y(),
                    mutation == Mutation.DROPPED_GRADIENT_OF_Y ? null : given.dy(),
                    switch (mutation) {
                        case DROPPED_GRADIENT_OF_FINAL_C -> new RecurrentState(dLast.h(), zeros(dLast.c()));
                        case DROPPED_GRADIENT_OF_FINAL_H -> new RecurrentState(zeros(dLast.h()), dLast.c());
                        default -> dLast;
                    },
                    mutation == Mutation.UNWRITTEN_DX ? null : given.dx(),
                    mutation == Mutation.INITIAL_GRADIENTS_SWAPPED
                            ? new RecurrentState(dInitial.c(), dInitial.h())
                            : dInitial,
                    dWeights,
                    innerReserve);
            if (mutation == Mutation.WEIGHT_GRADIENTS_TWICE) {
                inner.forward(given.x(), given.lengths(), given.initial(), given.y(), null, innerReserve, 30);
                inner.backward(
                        given.x(),
                        given.lengths(),
                        given.initial(),
                        given.y(),
                        given.dy(),
                        dLast,
                        null,
                        null,
                        dWeights,
                        innerReserve);
            }
        }

        private Tensor zeros(Tensor like) {
            return scope().zeros("dropped", like.shape());
        }
    }
}
