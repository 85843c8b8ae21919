package org.gatefold.backend.cuda.recurrent.persistent;

import java.util.Optional;
import java.util.function.LongSupplier;
import org.gatefold.backend.cuda.driver.Alarm;
import org.gatefold.backend.cuda.driver.CudaContext;
import org.gatefold.backend.cuda.recurrent.StepKernels;
import org.gatefold.backend.cuda.recurrent.StepsLane;
import org.gatefold.backend.cuda.recurrent.fused.FusedSize;
import org.gatefold.op.recurrent.RecurrentSpec;

/**
 * {@code cuda.persistent}: all steps of a stretch in one cooperative launch, whose blocks keep their weights in shared memory.
 * Steps, operands and packed weights are those of {@code cuda.fused}, to the bit; it runs the backward pass like that, too,
 * where its weights do not fit.
 */
public final class PersistentSteps extends StretchSteps {
    /** Its name among the recurrent operations. */
    public static final String NAME = "cuda.persistent";

    private final PersistentSize.Card card;

    PersistentSteps(PersistentSize.Card card, LongSupplier alarm) {
        super(alarm);
        this.card = card;
    }

    /** @param alarm raised where blocks wait in vain */
    public PersistentSteps(CudaContext context, Alarm alarm) {
        this(PersistentSize.Card.of(context), alarm::address);
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public Optional<String> unsupported(RecurrentSpec spec, int capability) {
        if (!card.cooperates()) {
            return Optional.of("the device cannot make all blocks of a launch run side by side");
        }
        return fused.unsupported(spec, capability).or(() -> withoutRoom(spec));
    }

    private Optional<String> withoutRoom(RecurrentSpec spec) {
        return size(spec).forward().isPresent()
                ? Optional.empty()
                : Optional.of(
                        "%d multiprocessors with %d KiB of shared memory a block have no room for Wh of %d units in %s"
                                .formatted(
                                        card.multiprocessors(),
                                        card.sharedBytes() >> 10,
                                        spec.hiddenSize(),
                                        spec.precision()));
    }

    private PersistentSize size(RecurrentSpec spec) {
        return new PersistentSize(FusedSize.of(spec), spec.batch(), card);
    }

    @Override
    public boolean fillsCard() {
        return true;
    }

    @Override
    public StepKernels cell(StepKernels.Setting setting) {
        return new PersistentStepKernels(setting, size(setting.spec()), alarm());
    }

    @Override
    public Room room(StepsLane.Size size) {
        FusedSize steps = new FusedSize(size.cell(), size.hidden(), size.precision());
        return fused.room(size).withWords(new PersistentSize(steps, size.batch(), card).wordBytes());
    }
}
