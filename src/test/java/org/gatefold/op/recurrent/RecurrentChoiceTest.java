package org.gatefold.op.recurrent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.google.errorprone.annotations.MustBeClosed;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.device.Scope;
import org.gatefold.op.Footprint;
import org.gatefold.op.Mode;
import org.gatefold.op.plan.VerificationRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

/** Isolated, because the property that forces an implementation is seen by every test of the JVM. */
@Isolated
class RecurrentChoiceTest {
    private static final RecurrentSpec SPEC = RecurrentSpec.of(Cell.LSTM, 3, 2, 4, 5);

    private String given;

    @BeforeEach
    void remember() {
        given = System.getProperty(RecurrentChoice.PROPERTY);
        System.clearProperty(RecurrentChoice.PROPERTY);
    }

    @AfterEach
    void restore() {
        if (given == null) {
            System.clearProperty(RecurrentChoice.PROPERTY);
        } else {
            System.setProperty(RecurrentChoice.PROPERTY, given);
        }
    }

    @Test
    void takesTheFirstThatDoesNotDecline() {
        try (Device device = Devices.cpu()) {
            RecurrentOp first = device.operations(RecurrentOp.class).get(0);
            assertThat(RecurrentChoice.choose(device, SPEC, Mode.TRAINING)).isSameAs(first);
        }
        try (Device device = Devices.named("reference")) {
            assertThat(RecurrentChoice.choose(device, SPEC, Mode.TRAINING).name())
                    .isEqualTo("reference");
        }
    }

    @Test
    void aForcedImplementationIsTaken() {
        System.setProperty(RecurrentChoice.PROPERTY, " reference ");
        try (Device device = Devices.cpu()) {
            assertThat(RecurrentChoice.choose(device, SPEC, Mode.INFERENCE).name())
                    .isEqualTo("reference");
        }
    }

    @Test
    void aForcedImplementationThatIsUnknownThrows() {
        System.setProperty(RecurrentChoice.PROPERTY, "nonsense");
        try (Device device = Devices.named("reference")) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> RecurrentChoice.choose(device, SPEC, Mode.INFERENCE))
                    .withMessage("-Dgatefold.lstm: expected one of [reference] on device reference, got 'nonsense'");
        }
    }

    @Test
    void aForcedImplementationThatDeclinesThrowsWithItsReason() {
        System.setProperty(RecurrentChoice.PROPERTY, "reference");
        RecurrentSpec huge = RecurrentSpec.of(Cell.LSTM, 100_000, 10_000, 4, 5);
        try (Device device = Devices.cpu()) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> RecurrentChoice.choose(device, huge, Mode.TRAINING))
                    .withMessage("no implementation on device cpu takes " + huge
                            + "; reference: a sequence or a weight matrix would exceed the 2 GiB of a Java buffer");
        }
    }

    /** An implementation that only says what it takes. */
    private record Candidate(String name, Optional<String> reason) implements RecurrentOp {
        Candidate(String name) {
            this(name, Optional.empty());
        }

        @Override
        public Optional<String> unsupported(RecurrentSpec spec, Mode mode) {
            return reason;
        }

        @Override
        public Footprint footprint(RecurrentSpec spec, Mode mode) {
            return new Footprint(0, 0);
        }

        @Override
        @MustBeClosed
        public RecurrentPlan plan(Scope scope, RecurrentSpec spec, Mode mode) {
            throw new UnsupportedOperationException("never run");
        }
    }

    /** Takes the last candidate, rejects those named and remembers what it was asked. */
    private static final class LastOf implements RecurrentTuner {
        private final List<String> asked = new ArrayList<>();
        private final List<String> rejected;

        LastOf(String... rejected) {
            this.rejected = List.of(rejected);
        }

        @Override
        public String name() {
            return "tuner";
        }

        @Override
        public Choice choose(Device device, List<RecurrentOp> candidates, RecurrentSpec spec, Mode mode) {
            candidates.forEach(op -> asked.add(op.name()));
            List<RecurrentOp> left = candidates.stream()
                    .filter(op -> !rejected.contains(op.name()))
                    .toList();
            return new Choice(
                    left.isEmpty() ? Optional.empty() : Optional.of(left.get(left.size() - 1)),
                    rejected.stream().map(name -> name + ": wrong").toList());
        }
    }

    /** Says of one implementation that it failed. */
    private record Failed(String implementation) implements VerificationRecord {
        @Override
        public String name() {
            return "record";
        }

        @Override
        public Optional<String> failure(String asked) {
            return asked.equals(implementation) ? Optional.of("failed here") : Optional.empty();
        }

        @Override
        public void failed(String asked, String reason) {
            throw new UnsupportedOperationException("the choice records nothing");
        }

        @Override
        public void passed(String asked) {
            throw new UnsupportedOperationException("the choice records nothing");
        }
    }

    private static final Candidate FIRST = new Candidate("first");
    private static final Candidate SECOND = new Candidate("second");
    private static final Candidate DECLINING = new Candidate("declining", Optional.of("too small"));

    @Test
    void theTunerDecidesBetweenThoseThatTakeTheSpec() {
        LastOf tuner = new LastOf();
        try (Device device = CandidatesBackend.open(FIRST, DECLINING, SECOND, tuner)) {
            assertThat(RecurrentChoice.choose(device, SPEC, Mode.TRAINING)).isSameAs(SECOND);
            assertThat(tuner.asked).containsExactly("first", "second");
        }
    }

    @Test
    void theTunerIsNotAskedAboutOneCandidate() {
        LastOf tuner = new LastOf();
        try (Device device = CandidatesBackend.open(DECLINING, FIRST, tuner)) {
            assertThat(RecurrentChoice.choose(device, SPEC, Mode.TRAINING)).isSameAs(FIRST);
            assertThat(tuner.asked).isEmpty();
        }
    }

    @Test
    void aForcedImplementationIsNotTuned() {
        System.setProperty(RecurrentChoice.PROPERTY, "first");
        LastOf tuner = new LastOf();
        try (Device device = CandidatesBackend.open(FIRST, SECOND, tuner)) {
            assertThat(RecurrentChoice.choose(device, SPEC, Mode.TRAINING)).isSameAs(FIRST);
            assertThat(tuner.asked).isEmpty();
        }
    }

    @Test
    void ifTheTunerRejectsAllTheirReasonsAreTold() {
        try (Device device = CandidatesBackend.open(FIRST, SECOND, new LastOf("first", "second"))) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> RecurrentChoice.choose(device, SPEC, Mode.TRAINING))
                    .withMessageEndingWith("; first: wrong; second: wrong");
        }
    }

    @Test
    void whatFailedOnThisHardwareIsNeverChosen() {
        try (Device device = CandidatesBackend.open(FIRST, SECOND, new Failed("first"))) {
            assertThat(RecurrentChoice.choose(device, SPEC, Mode.TRAINING)).isSameAs(SECOND);
            System.setProperty(RecurrentChoice.PROPERTY, "first");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> RecurrentChoice.choose(device, SPEC, Mode.TRAINING))
                    .withMessageEndingWith("; first: failed here");
        }
    }
}
