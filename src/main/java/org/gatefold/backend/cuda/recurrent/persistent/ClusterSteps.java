package org.gatefold.backend.cuda.recurrent.persistent;

import java.util.Optional;
import java.util.function.LongSupplier;
import org.gatefold.backend.cuda.driver.Alarm;
import org.gatefold.backend.cuda.driver.CudaContext;
import org.gatefold.backend.cuda.recurrent.StepKernels;
import org.gatefold.backend.cuda.recurrent.StepsLane;
import org.gatefold.backend.cuda.recurrent.StepsRecurrent;
import org.gatefold.backend.cuda.recurrent.fused.FusedSize;
import org.gatefold.op.recurrent.RecurrentSpec;

/**
 * {@code cuda.cluster}: all steps of a stretch in one launch of thread-block clusters, each of which keeps all weights in the
 * shared memory of its blocks and hands states on there. Steps, operands and packed weights are those of {@code cuda.fused}, to
 * the bit; it runs the backward pass like that, too, where its weights do not fit.
 */
public final class ClusterSteps extends StretchSteps {
    /** Its name among the recurrent operations. */
    public static final String NAME = "cuda.cluster";

    private static final int CAPABILITY = 90;

    private final ClusterSize.Card card;

    ClusterSteps(ClusterSize.Card card, LongSupplier alarm) {
        super(alarm);
        this.card = card;
    }

    /** @param alarm raised where blocks wait in vain */
    public ClusterSteps(CudaContext context, Alarm alarm) {
        this(ClusterSize.Card.of(context), alarm::address);
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public Optional<String> unsupported(RecurrentSpec spec, int capability) {
        return StepsRecurrent.needs("a cluster of blocks", CAPABILITY, capability)
                .or(() -> fused.unsupported(spec, capability))
                .or(() -> withoutRoom(spec));
    }

    private Optional<String> withoutRoom(RecurrentSpec spec) {
        return size(spec).forward().isPresent()
                ? Optional.empty()
                : Optional.of(
                        "%d blocks on %d multiprocessors, of %d KiB of shared memory each, have no room for Wh of %d units in %s"
                                .formatted(
                                        ClusterSize.BLOCKS,
                                        card.multiprocessors(),
                                        card.sharedBytes() >> 10,
                                        spec.hiddenSize(),
                                        spec.precision()));
    }

    private ClusterSize size(RecurrentSpec spec) {
        return new ClusterSize(FusedSize.of(spec), spec.batch(), spec.directions(), card);
    }

    @Override
    public StepKernels cell(StepKernels.Setting setting) {
        return new ClusterStepKernels(setting, size(setting.spec()), alarm());
    }

    @Override
    public Room room(StepsLane.Size size) {
        return fused.room(size).withWords(ClusterStepKernels.WORD_BYTES);
    }
}
