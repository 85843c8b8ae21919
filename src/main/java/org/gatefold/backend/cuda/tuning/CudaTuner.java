package org.gatefold.backend.cuda.tuning;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.gatefold.backend.cuda.driver.CudaContext;
import org.gatefold.backend.cuda.driver.CudaException;
import org.gatefold.device.Device;
import org.gatefold.device.Trials;
import org.gatefold.op.Mode;
import org.gatefold.op.plan.Family;
import org.gatefold.op.plan.Plan;
import org.gatefold.op.plan.PlannedOp;
import org.gatefold.op.plan.Tuner;
import org.gatefold.op.plan.VerificationRecord;
import org.gatefold.op.verify.Verification;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides by measurement on the card: candidates that agree with the reference run in turn, and the fastest is taken if it
 * beats the preferred one by more than 3 %. Decisions are kept in the card's records by family and class of shapes.
 * Thread-safe: one decision is made at a time.
 */
public final class CudaTuner implements Tuner {
    /** {@code on} or {@code off}; by default on, and off on the simulated device. */
    static final String PROPERTY = "gatefold.cuda.tuner";

    private static final Logger LOG = LoggerFactory.getLogger(CudaTuner.class);

    /** A challenger needs less than this part of the preferred candidate's time. */
    private static final double CHALLENGE = 0.97;

    private final CudaContext context;
    private final CardRecords records;
    private final VerificationRecord failures;
    private final boolean on;
    private final Map<String, Verdict> decided = new HashMap<>();

    public CudaTuner(CudaContext context, CardRecords records, VerificationRecord failures) {
        this.context = context;
        this.records = records;
        this.failures = failures;
        this.on = chosen(!context.simulated());
    }

    private static boolean chosen(boolean standard) {
        String text = System.getProperty(PROPERTY, "").trim();
        return switch (text) {
            case "" -> standard;
            case "on" -> true;
            case "off" -> false;
            default -> throw new IllegalArgumentException("-D" + PROPERTY + ": expected on or off, got '" + text + "'");
        };
    }

    /**
     * A decision.
     *
     * @param name the implementation to take
     * @param among those that were asked for when it was made
     */
    private record Verdict(String name, List<String> among) {
        boolean holdsFor(List<String> names) {
            return among.containsAll(names) && names.contains(name);
        }
    }

    @Override
    public <O extends PlannedOp<S, P>, S, P extends Plan> Decision<O> decide(
            Device device, Family<O, S, P> family, List<O> candidates, S spec, Mode mode) {
        if (!on) {
            return new Decision<>(Optional.of(candidates.get(0)), List.of());
        }
        List<String> names = candidates.stream().map(PlannedOp::name).toList();
        CandidateTrial<O, S, P> trial = new CandidateTrial<>(device, family, spec, mode);
        String shapes = trial.shapes();
        synchronized (this) {
            Verdict known = decided.get(shapes);
            if (known == null) {
                known = records.read(shapes).flatMap(CudaTuner::verdict).orElse(null);
            }
            if (known != null && known.holdsFor(names)) {
                decided.put(shapes, known);
                return new Decision<>(named(candidates, known.name()), List.of());
            }
            return decide(trial, candidates, names, shapes);
        }
    }

    private static <O extends PlannedOp<?, ?>> Optional<O> named(List<O> candidates, String name) {
        return candidates.stream().filter(op -> op.name().equals(name)).findFirst();
    }

    private <O extends PlannedOp<?, ?>> Decision<O> decide(
            CandidateTrial<O, ?, ?> trial, List<O> candidates, List<String> names, String shapes) {
        List<String> rejected = new ArrayList<>();
        List<O> left = new ArrayList<>();
        List<O> sound = new ArrayList<>();
        for (O candidate : candidates) {
            Optional<Boolean> verified = verify(trial, candidate, shapes);
            if (verified.equals(Optional.of(false))) {
                rejected.add(candidate.name() + ": "
                        + failures.failure(trial.qualified(candidate)).orElse("failed verification"));
                continue;
            }
            left.add(candidate);
            verified.ifPresent(yes -> sound.add(candidate));
        }
        if (left.isEmpty()) {
            return new Decision<>(Optional.empty(), rejected);
        }
        O preferred = sound.isEmpty() ? left.get(0) : sound.get(0);
        Optional<Map<String, Double>> times = sound.size() > 1 ? times(trial, sound, shapes) : Optional.of(Map.of());
        String fastest = times.map(all -> fastest(all, preferred.name())).orElse(preferred.name());
        decided.put(shapes, new Verdict(fastest, names));
        if (times.isPresent() && !sound.isEmpty()) {
            records.write(shapes, entry(fastest, names, times.get()));
        }
        LOG.info("{} on {}: {}{}", shapes, trial.device().name(), fastest, inWords(times.orElse(Map.of())));
        return new Decision<>(named(candidates, fastest), rejected);
    }

    /** Whether a candidate agrees with the reference; empty if it could not be tried. A failure is recorded. */
    private <O extends PlannedOp<?, ?>> Optional<Boolean> verify(
            CandidateTrial<O, ?, ?> trial, O candidate, String shapes) {
        context.synchronize(); // an error of what ran before is not the candidate's
        try {
            Verification verification = trial.verify(candidate);
            if (!verification.passed()) {
                failures.failed(trial.qualified(candidate), verification.failure() + " (" + shapes + ")");
                LOG.warn("{} is not used: {}", candidate.name(), verification.failure());
            }
            return Optional.of(verification.passed());
        } catch (RuntimeException e) {
            requireUsable(trial.qualified(candidate), e);
            if (failures.failure(trial.qualified(candidate)).isPresent()) {
                LOG.warn("{} is not used: {}", candidate.name(), e.getMessage());
                return Optional.of(false);
            }
            LOG.warn("{} cannot be tried for {}: {}", candidate.name(), shapes, e.toString());
            return Optional.empty();
        }
    }

    /** Passes on the error of a candidate if it left the context unusable, and records it for the next process. */
    private void requireUsable(String qualified, RuntimeException cause) {
        try {
            context.synchronize();
        } catch (CudaException e) {
            failures.failed(qualified, String.valueOf(cause.getMessage()));
            cause.addSuppressed(e);
            throw cause;
        }
    }

    private <O extends PlannedOp<?, ?>> Optional<Map<String, Double>> times(
            CandidateTrial<O, ?, ?> trial, List<O> sound, String shapes) {
        try {
            return Optional.of(Trials.on(trial.device(), () -> trial.times(sound)));
        } catch (RuntimeException e) {
            context.synchronize(); // throws if the context is of no use any more
            LOG.warn("implementations of {} cannot be timed: {}", shapes, e.toString());
            return Optional.empty();
        }
    }

    /** The fastest if it beats the preferred one by enough, else that. */
    static String fastest(Map<String, Double> times, String preferred) {
        return times.entrySet().stream()
                .min(Map.Entry.comparingByValue())
                .filter(best -> best.getValue() < CHALLENGE * times.get(preferred))
                .map(Map.Entry::getKey)
                .orElse(preferred);
    }

    private static String inWords(Map<String, Double> times) {
        List<String> each = new ArrayList<>();
        times.forEach((name, time) -> each.add(String.format(Locale.ROOT, "%s %.3f ms", name, time)));
        return each.isEmpty() ? "" : " (" + String.join(", ", each) + ")";
    }

    private static JsonObject entry(String name, List<String> among, Map<String, Double> times) {
        JsonObject entry = new JsonObject();
        entry.addProperty("date", LocalDate.now(ZoneId.systemDefault()).toString());
        entry.addProperty("chosen", name);
        JsonArray names = new JsonArray();
        among.forEach(names::add);
        entry.add("among", names);
        JsonObject milliseconds = new JsonObject();
        times.forEach(milliseconds::addProperty);
        entry.add("milliseconds", milliseconds);
        return entry;
    }

    private static Optional<Verdict> verdict(JsonObject entry) {
        if (entry.get("chosen") instanceof JsonPrimitive chosen && entry.get("among") instanceof JsonArray among) {
            return Optional.of(new Verdict(
                    chosen.getAsString(),
                    among.asList().stream()
                            .filter(JsonElement::isJsonPrimitive)
                            .map(JsonElement::getAsString)
                            .toList()));
        }
        return Optional.empty();
    }
}
