package org.gatefold.op.plan;

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
import org.gatefold.op.recurrent.Cell;
import org.gatefold.op.recurrent.RecurrentOp;
import org.gatefold.op.recurrent.RecurrentPlan;
import org.gatefold.op.recurrent.RecurrentSpec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

/** Isolated, because the property that forces an implementation is seen by every test of the JVM. */
@Isolated
class ChoiceTest {
    private static final RecurrentSpec SPEC = RecurrentSpec.of(Cell.LSTM, 3, 2, 4, 5);

    private String given;

    @BeforeEach
    void remember() {
        given = System.getProperty(Choice.PROPERTY);
        System.clearProperty(Choice.PROPERTY);
    }

    @AfterEach
    void restore() {
        if (given == null) {
            System.clearProperty(Choice.PROPERTY);
        } else {
            System.setProperty(Choice.PROPERTY, given);
        }
    }

    private static RecurrentOp chosen(Device device) {
        return Choice.choose(device, RecurrentOp.FAMILY, SPEC, Mode.TRAINING);
    }

    @Test
    void takesTheFirstThatDoesNotDecline() {
        try (Device device = Devices.cpu()) {
            RecurrentOp first = device.operations(RecurrentOp.class).get(0);
            assertThat(chosen(device)).isSameAs(first);
        }
        try (Device device = Devices.named("reference")) {
            assertThat(chosen(device).name()).isEqualTo("reference");
        }
    }

    @Test
    void aForcedImplementationIsTaken() {
        System.setProperty(Choice.PROPERTY, "recurrent: reference ");
        try (Device device = Devices.cpu()) {
            assertThat(Choice.choose(device, RecurrentOp.FAMILY, SPEC, Mode.INFERENCE)
                            .name())
                    .isEqualTo("reference");
        }
    }

    @Test
    void aForcedImplementationThatIsUnknownThrows() {
        System.setProperty(Choice.PROPERTY, "recurrent:nonsense");
        try (Device device = Devices.named("reference")) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Choice.choose(device, RecurrentOp.FAMILY, SPEC, Mode.INFERENCE))
                    .withMessage(
                            "-Dgatefold.use: expected recurrent: and one of [reference] on device reference, got 'nonsense'");
        }
    }

    @Test
    void aForcedImplementationThatDeclinesThrowsWithItsReason() {
        System.setProperty(Choice.PROPERTY, "recurrent:reference");
        RecurrentSpec huge = RecurrentSpec.of(Cell.LSTM, 100_000, 10_000, 4, 5);
        try (Device device = Devices.cpu()) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Choice.choose(device, RecurrentOp.FAMILY, huge, Mode.TRAINING))
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
    private static final class LastOf implements Tuner {
        private final List<String> asked = new ArrayList<>();
        private final List<String> rejected;

        LastOf(String... rejected) {
            this.rejected = List.of(rejected);
        }

        @Override
        public <O extends PlannedOp<S, P>, S, P extends Plan> Decision<O> decide(
                Device device, Family<O, S, P> family, List<O> candidates, S spec, Mode mode) {
            candidates.forEach(op -> asked.add(op.name()));
            List<O> left = candidates.stream()
                    .filter(op -> !rejected.contains(op.name()))
                    .toList();
            return new Decision<>(
                    left.isEmpty() ? Optional.empty() : Optional.of(left.get(left.size() - 1)),
                    rejected.stream().map(name -> name + ": wrong").toList());
        }
    }

    /** Says of one implementation that it failed. */
    private record Failed(String implementation) implements VerificationRecord {
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
            assertThat(chosen(device)).isSameAs(SECOND);
            assertThat(tuner.asked).containsExactly("first", "second");
        }
    }

    private static void requireFirstUntuned(Candidate... offered) {
        LastOf tuner = new LastOf();
        List<Object> services = new ArrayList<>(List.of(offered));
        services.add(tuner);
        try (Device device = CandidatesBackend.open(services.toArray())) {
            assertThat(chosen(device)).isSameAs(FIRST);
            assertThat(tuner.asked).isEmpty();
        }
    }

    @Test
    void theTunerIsNotAskedAboutOneCandidate() {
        requireFirstUntuned(DECLINING, FIRST);
    }

    @Test
    void aForcedImplementationIsNotTuned() {
        System.setProperty(Choice.PROPERTY, "recurrent:first");
        requireFirstUntuned(FIRST, SECOND);
    }

    @Test
    void ifTheTunerRejectsAllTheirReasonsAreTold() {
        try (Device device = CandidatesBackend.open(FIRST, SECOND, new LastOf("first", "second"))) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> chosen(device))
                    .withMessageEndingWith("; first: wrong; second: wrong");
        }
    }

    @Test
    void whatFailedOnThisHardwareIsNeverChosen() {
        try (Device device = CandidatesBackend.open(FIRST, SECOND, new Failed("recurrent:first"))) {
            assertThat(chosen(device)).isSameAs(SECOND);
            System.setProperty(Choice.PROPERTY, "recurrent:first");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> chosen(device))
                    .withMessageEndingWith("; first: failed here");
        }
    }

    @Test
    void aFamilyThatIsNotNamedIsNotForced() {
        System.setProperty(Choice.PROPERTY, "convolution:none, recurrent:second");
        try (Device device = CandidatesBackend.open(FIRST, SECOND)) {
            assertThat(chosen(device)).isSameAs(SECOND);
        }
        System.setProperty(Choice.PROPERTY, "convolution:none");
        try (Device device = CandidatesBackend.open(FIRST, SECOND)) {
            assertThat(chosen(device)).isSameAs(FIRST);
        }
    }

    @Test
    void whatCannotBeReadIsRefused() {
        for (String text : List.of("reference", "recurrent:", ":reference", "recurrent:first,")) {
            System.setProperty(Choice.PROPERTY, text);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Choice.forced(RecurrentOp.FAMILY))
                    .withMessageStartingWith("-Dgatefold.use: expected FAMILY:NAME");
        }
    }
}
