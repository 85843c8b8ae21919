package org.gatefold.backend.cuda;

import java.util.List;
import java.util.function.UnaryOperator;
import org.gatefold.backend.cuda.kernel.KernelSources;

/**
 * For tests: CUDA devices whose kernels have a planted mistake, by the names {@code mutant:SWAPPED_GATES} and so on. Listed
 * only while {@code -Dgatefold.mutants=true}.
 */
public final class MutantBackend extends PlantedDevices<MutantBackend.Mistake> {
    public static final String PREFIX = "mutant:";
    static final String STEPS = "cuda.steps";
    static final String FUSED = "cuda.fused";
    static final String IN_PARTS = "cuda.fused.tf32x3";
    static final String PERSISTENT = "cuda.persistent";
    static final String CLUSTER = "cuda.cluster";

    /** One mistake: a piece of kernel source and what stands there instead. */
    public enum Mistake {
        NONE("", "", STEPS, FUSED, IN_PARTS, PERSISTENT, CLUSTER),
        SWAPPED_GATES("f_gate", "i_gate", STEPS, FUSED),
        UNSCALED_DROPOUT(">= p ? keep_scale : 0.0f", ">= p ? 1.0f : 0.0f", STEPS, FUSED),
        LAST_ROW_MISSED("valid = index <", "valid = index + quads <", STEPS),
        ROW_PAST_THE_END("index < static_cast<long long>(batch) * quads", "index < (batch + 1LL) * quads", STEPS),
        DROPPED_BARRIER(
                "partial[threadIdx.y][threadIdx.x] = sum;\n  __syncthreads();",
                "partial[threadIdx.y][threadIdx.x] = sum;",
                STEPS),
        PADDING_IS_DATA("f.lengths == nullptr || t < f.lengths[row]", "true", STEPS, FUSED),
        CLIP_LETS_GRADIENT_PASS("d_c = 0.0f;", "d_c = d_c;", STEPS, FUSED),
        FORGOTTEN_CELL_GRADIENT("dc = d_c * f;", "dc = d_c;", STEPS, FUSED),
        SLOPE_AT_THE_BOUND("at_bound ? 0.0f :", "false ? 0.0f :", STEPS),
        COUPLED_GATE_WITHOUT_GRADIENT("(coupled ? past : 0.0f)", "0.0f", STEPS),
        PEEPHOLE_OF_THE_STATE_BEFORE("peephole == 2 ? after : before", "before", STEPS),
        FORGOTTEN_RESET("of.v[k] *= r.v[k];", "of.v[k] *= 1.0f;", STEPS),
        STAYING_STATE_WITHOUT_GRADIENT("d_h.v[k] *= stays_h.v[k];", "d_h.v[k] = 0.0f;", STEPS),
        OUTPUT_OF_THE_STATE_THAT_STAYED(
                "Quad h = activated(options.output, made, 0.0f);",
                "Quad h = activated(options.output, c, 0.0f);",
                STEPS),
        PRODUCT_OF_WHOLE_STATES(
                "const Quad masked = recurrent_masked(h, f, options, batch, hidden, it);",
                "const Quad masked = h;",
                STEPS),
        MASK_OF_H_OF_EVERY_STEP("kRecurrentMask, 0, batch", "kRecurrentMask, 1, batch", STEPS),
        WHOLE_GRADIENT_OF_MASKED_STATES("d = recurrent_masked(d, f, options, batch, hidden, it);", "", STEPS),
        WEIGHTS_LEARN_OF_WHOLE_STATES(
                "q.v[0] = x[i] * dropout_scale_at(*seed", "q.v[0] = x[i] + 0.0f * dropout_scale_at(*seed", STEPS),
        STAYING_FEATURE_WITHOUT_GRADIENT("d_h.v[k] *= stays.v[k];", "d_h.v[k] = 0.0f;", STEPS),
        PRODUCT_OF_WHOLE_FEATURES(
                "const Quad masked = recurrent_masked(h, f, options, batch, features, it);",
                "const Quad masked = h;",
                STEPS),
        ONLY_ONE_STEP_OF_A_PROJECTION_KEPT("f.given + j * f.given_stride", "f.given", STEPS),
        ONLY_ONE_GRADIENT_OF_A_PROJECTION_KEPT("f.projected + j * f.projected_stride", "f.projected", STEPS),
        INPUT_FOR_ALL_GATES_BUT_ONE(
                "for (int g = 0; g < count; ++g) to[", "for (int g = 1; g < count; ++g) to[", STEPS),
        GRADIENT_OF_THE_OTHER_DIRECTION_LOST("dx[i] = add ? dx[i] + sum : sum;", "dx[i] = sum;", STEPS),
        GAINS_OF_PRODUCTS_WITH_X_FOR_H(
                "scale_gates(normal, load_gates(gains + 4 * hidden", "scale_gates(normal, load_gates(gains", STEPS),
        MOMENTS_OF_X_WITHOUT_GRADIENT(
                "inverse * (d[i] * gains[i] - mean - row[i] * along)", "inverse * d[i] * gains[i]", STEPS),
        MOMENTS_OF_H_WITHOUT_GRADIENT("through_moments(q.f, normal.f, mean, along, inverse);", "", STEPS),
        GRADIENTS_OF_GAIN_AND_SHIFT_SWAPPED(
                "of_c < hidden ? of_c + hidden : of_c - hidden", "of_c < hidden ? of_c : of_c", STEPS),
        GAINS_OF_PRODUCTS_WITH_X_FOR_H_IN_A_GRU(
                "Quad recurrent = scaled(normal.n, gains_h + 2",
                "Quad recurrent = scaled(normal.n, gains_x + 2",
                STEPS),
        CANDIDATE_WITHOUT_ITS_OWN_GRADIENT(
                "q.n = scaled(d_recurrent, gains + 2 * hidden + u, it);",
                "q.n = scaled(q.n, gains + 2 * hidden + u, it);",
                STEPS),
        GAIN_OF_THE_CANDIDATE_LEARNS_OF_ITS_SUM("apart != nullptr ? of_c + hidden : -1", "-1", STEPS),
        MOMENTS_OF_A_GATE_WITHOUT_GRADIENT("through_moments(q.z, normal.z, mean, along, inverse);", "", STEPS),
        ROWS_NORMALISED_OVER_ONE_GATE(
                "of_h = row_moments(\n        2 * hidden,", "of_h = row_moments(\n        hidden,", STEPS),
        DEVIATION_OF_THE_OTHER_PRODUCT("[3 * b + 2] = of_h.inverse", "[3 * b + 1] = of_h.inverse", STEPS),
        RESET_GATE_WITHOUT_ITS_OWN_PRODUCT("d.v[k] += d_of.v[k] * r.v[k];", "", STEPS),
        SUMS_OF_AN_RNN_WITHOUT_MOMENTS(
                "add_up(d, load_quad(normal_h + u, it.count, it.vector), it, sum, inner);", ";", STEPS),
        MOMENTS_READ_WITHOUT_BARRIER("__syncthreads();\n  const Moments of_c", "const Moments of_c", STEPS),
        MASK_OF_ANOTHER_LAYER("mask << 24 | f.set", "mask << 24", STEPS),
        LAST_ROW_OF_TILE_MISSED("its_row < batch", "its_row < batch - 1", FUSED),
        ROW_OF_TILE_PAST_THE_END("its_row < batch", "its_row <= batch", FUSED),
        UNIT_PAST_THE_END("its_unit < hidden", "its_unit <= hidden", FUSED),
        SUM_OF_ANOTHER_ROW("(place & 3) * 2 + (place >> 2 & 1)", "(place & 3) + (place >> 2 & 1)", FUSED),
        BIAS_OF_ANOTHER_UNIT("bias + which * hidden + unit)", "bias + which * hidden + (unit + 1) % hidden)", FUSED),
        BIAS_READ_WITHOUT_WAIT("  ptx::cp_async_wait<0>();\n  shares.take", "  shares.take", FUSED),
        LAST_SEGMENT_MISSED("(warp + 1LL) * segments", "(warp + 1LL) * (segments - 1)", FUSED),
        SHARES_ADDED_WITHOUT_BARRIER(
                "    __syncthreads();\n  }\n\n  // The whole sum", "  }\n\n  // The whole sum", FUSED),
        ONE_WARP_LEFT_OUT_OF_THE_SUM("warp < kTileWarps; ++warp) sum", "warp < kTileWarps - 1; ++warp) sum", FUSED),
        SWAPPED_FRAGMENTS("lane / 4 + 8 * (a & 1)", "lane / 4 + 8 * (a >> 1)", FUSED),
        LOW_PARTS_OF_WEIGHTS_LEFT_OUT("ptx::mma_m16n8k8_tf32(sum, a.low.words, b.high.words);", "", IN_PARTS),
        LOW_PARTS_OF_STATES_LEFT_OUT("ptx::mma_m16n8k8_tf32(sum, a.high.words, b.low.words);", "", IN_PARTS),
        LOW_PART_OF_THE_WHOLE_NUMBER("x - __uint_as_float(high.words[k])", "x", IN_PARTS),
        GATES_PACKED_IN_OTHER_ORDER("gate = row / units;", "gate = (row / units + 1) % gates;", FUSED),
        FORGOTTEN_LAST_PRODUCT("+= Block::sum(shares, 0);", "+= 0.0f * Block::sum(shares, 0);", FUSED),
        /** Too small for what a step is held to: GateFunctionsTest sees it. */
        TANH_WITHOUT_ITS_LAST_TERM("fmaf(-5.7049850e-3f, z, 2.0639086e-2f)", "2.0639086e-2f"),
        /** Likewise. */
        TANH_OF_SMALL_NUMBERS_BY_A_DIFFERENCE("a < 0.625f ? near", "a < 0.0625f ? near"),
        LOST_ARRIVAL("if (threadIdx.x == 0) ptx::atomic", "if (threadIdx.x + blockIdx.x == 0) ptx::atomic", PERSISTENT),
        ONE_ARRIVAL_TOO_FEW_AWAITED("awaited_ += gridDim.x;", "awaited_ += gridDim.x - 1;", PERSISTENT),
        FLAG_BEFORE_DATA(
                "    __syncthreads();\n    if (threadIdx.x == 0) ptx::atomic",
                "    if (threadIdx.x == 0) ptx::atomic",
                PERSISTENT),
        SLOT_REUSED_EARLY("reads_odd ? even : odd}", "reads_odd ? odd : even}", PERSISTENT),
        NEXT_STEP_WITHOUT_WAIT("turns && !barrier.wait()", "false", PERSISTENT),
        EXIT_A_STEP_EARLY("++done == s.steps", "++done >= s.steps - 1", PERSISTENT),
        ROWS_OF_LAST_ROUND_MISSED(
                "turns = rows >= end_rows", "turns = rows >= end_rows - (end_rows > 1 ? 1 : 0)", PERSISTENT),
        ROOM_REUSED_WITHOUT_BARRIER("__syncthreads();  // the room is free", "", PERSISTENT, CLUSTER),
        WEIGHTS_OF_THE_FIRST_UNITS("units - first_units) * pieces,", "units) * 0 * pieces,", PERSISTENT, CLUSTER),
        LAST_GROUP_OF_UNITS_MISSED(
                "? first_units + s.width : all_units", "? first_units + s.width : all_units - 1", PERSISTENT),
        BARRIER_IN_A_BRANCH(
                "if (__syncthreads_or(gave_up) == 0) return true;",
                "if (threadIdx.x < 32) {\n if (__syncthreads_or(gave_up) == 0) return true;\n} else {\n"
                        + "if (__syncthreads_or(gave_up) == 0) return true;\n}",
                PERSISTENT,
                CLUSTER),
        LOST_ARRIVAL_AT_A_SLOT(
                "&& !is_last && threadIdx.x == 0", "&& !is_last && threadIdx.x + blockIdx.x == 0", CLUSTER),
        LOST_WRITE("rank < blocks; rank += 4", "rank + 1 < blocks; rank += 4", CLUSTER),
        SLOT_TAKEN_BEFORE_ITS_LAST_WRITE(
                "mbarrier_arrive_expect(&shared.received[writes], bytes)",
                "mbarrier_arrive_expect(&shared.received[writes], bytes - 8u)",
                CLUSTER),
        PARITY_OF_THE_NEXT_STEP("(done - 1) / 2u & 1u", "(done + 1) / 2u & 1u", CLUSTER),
        SLOT_WRITTEN_WHILE_OTHERS_READ_IT("slots + writes * slot_pieces", "slots + reads * slot_pieces", CLUSTER),
        SLOT_READ_WITHOUT_WAIT("!patience.wait([&]", "blocks == 0 && !patience.wait([&]", CLUSTER),
        EXIT_WITH_WRITES_UNDER_WAY("is_last ? s.last : nullptr", "nullptr", CLUSTER),
        NO_BARRIER_AT_THE_START("or has gone.\n  ptx::cluster_arrive();\n  ptx::cluster_wait();", "", CLUSTER),
        ROWS_EXPECTED_THAT_ARE_NOT_THERE("(first.end_row - first.first_row) *", "s.rows *", CLUSTER),
        NOTHING_BEYOND_THE_LAST_UNIT(
                "slots[static_cast<unsigned>(s.rows) * pitch + at] = make_uint4(0u, 0u, 0u, 0u);", "", CLUSTER),
        CANDIDATE_FORGETS_THE_RESET_GATE("recurrent_n = dn * r;", "recurrent_n = dn;", STEPS, FUSED),
        KEPT_STATE_WITHOUT_GRADIENT("dh *= z;", "dh = 0.0f;", STEPS, FUSED);

        private final String right;
        private final String wrong;

        @SuppressWarnings("ImmutableEnumChecker") // List.of makes it
        private final List<String> implementations;

        Mistake(String right, String wrong, String... implementations) {
            this.right = right;
            this.wrong = wrong;
            this.implementations = List.of(implementations);
        }

        /** The implementations whose kernels have it. */
        List<String> implementations() {
            return implementations;
        }

        /** The source with the mistake, where it can be made. */
        String plant(String source) {
            if (this == SWAPPED_GATES) {
                return source.replace(
                                "q.f = load_quad(row + hidden + it.unit", "q.f = load_quad(row + 2 * hidden + it.unit")
                        .replace("q.g = load_quad(row + 2 * hidden + it.unit", "q.g = load_quad(row + hidden + it.unit")
                        .replace(
                                "{at[0], at[hidden], at[2 * hidden], at[3 * hidden]}",
                                "{at[0], at[2 * hidden], at[hidden], at[3 * hidden]}");
            }
            return this == NONE ? source : source.replace(right, wrong);
        }
    }

    public MutantBackend() {
        super(PREFIX, Mistake.class);
    }

    @Override
    protected Session open(String device, Mistake mistake) {
        UnaryOperator<String> change = mistake::plant;
        return new CudaSession(device, 0, new KernelSources(change));
    }
}
