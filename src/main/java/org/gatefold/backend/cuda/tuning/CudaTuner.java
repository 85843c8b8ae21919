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
import org.gatefold.op.Mode;
import org.gatefold.op.plan.VerificationRecord;
import org.gatefold.op.recurrent.RecurrentOp;
import org.gatefold.op.recurrent.RecurrentSpec;
import org.gatefold.op.recurrent.RecurrentTuner;
import org.gatefold.op.verify.Verification;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides by measurement on the card: candidates that agree with the reference run in turn, and the fastest is taken if it
 * beats the preferred one by more than 3 %. Decisions are kept in the card's records by class of shapes, in which numbers
 * of steps and rows count by the next power of two. Thread-safe: one decision is made at a time.
 */
public final class CudaTuner implements RecurrentTuner {
    /** {@code on} or {@code off}; by default on, and off on the simulated device. */
    static final String PROPERTY = "gatefold.cuda.tuner";

    private static final Logger LOG = LoggerFactory.getLogger(CudaTuner.class);

    /** A challenger needs less than this part of the preferred candidate's time. */
    private static final double CHALLENGE = 0.97;

    private final CudaContext context;
    private final CardRecords records;
    private final VerificationRecord failures;
    private final boolean on;
    private final Map<String, Decision> decided = new HashMap<>();

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
    private record Decision(String name, List<String> among) {
        boolean holdsFor(List<String> names) {
            return among.containsAll(names) && names.contains(name);
        }
    }

    @Override
    public String name() {
        return "cuda";
    }

    @Override
    public Choice choose(Device device, List<RecurrentOp> candidates, RecurrentSpec spec, Mode mode) {
        if (!on) {
            return new Choice(Optional.of(candidates.get(0)), List.of());
        }
        List<String> names = candidates.stream().map(RecurrentOp::name).toList();
        String shapes = shapes(spec, mode);
        synchronized (this) {
            Decision known = decided.get(shapes);
            if (known == null) {
                known = records.read(shapes).flatMap(CudaTuner::decision).orElse(null);
            }
            if (known != null && known.holdsFor(names)) {
                decided.put(shapes, known);
                return new Choice(named(candidates, known.name()), List.of());
            }
            return decide(new CandidateTrial(device, context, spec, mode), candidates, names, shapes);
        }
    }

    /** The class of shapes in which one decision holds. */
    static String shapes(RecurrentSpec spec, Mode mode) {
        return String.format(
                Locale.ROOT,
                "%s T%d B%d I%d H%d, %d layers, %s%s%s%s, %s, %s",
                spec.cell(),
                nextPowerOfTwo(spec.steps()),
                nextPowerOfTwo(spec.batch()),
                spec.inputSize(),
                spec.hiddenSize(),
                spec.layers(),
                spec.direction(),
                spec.dropout() > 0f && spec.layers() > 1 ? ", dropout" : "",
                spec.cellClip() > 0f ? ", clip" : "",
                spec.recomputeSegment() > 0 ? ", recompute " + spec.recomputeSegment() : "",
                spec.precision(),
                mode);
    }

    private static long nextPowerOfTwo(int value) {
        return value == 1 ? 1 : Long.highestOneBit(value - 1L) * 2;
    }

    private static Optional<RecurrentOp> named(List<RecurrentOp> candidates, String name) {
        return candidates.stream().filter(op -> op.name().equals(name)).findFirst();
    }

    private Choice decide(CandidateTrial trial, List<RecurrentOp> candidates, List<String> names, String shapes) {
        List<String> rejected = new ArrayList<>();
        List<RecurrentOp> left = new ArrayList<>();
        List<RecurrentOp> sound = new ArrayList<>();
        for (RecurrentOp candidate : candidates) {
            Optional<Boolean> verified = verify(trial, candidate, shapes);
            if (verified.equals(Optional.of(false))) {
                rejected.add(candidate.name() + ": "
                        + failures.failure(candidate.name()).orElse("failed verification"));
                continue;
            }
            left.add(candidate);
            verified.ifPresent(yes -> sound.add(candidate));
        }
        if (left.isEmpty()) {
            return new Choice(Optional.empty(), rejected);
        }
        RecurrentOp preferred = sound.isEmpty() ? left.get(0) : sound.get(0);
        Optional<Map<String, Double>> times = sound.size() > 1 ? times(trial, sound, shapes) : Optional.of(Map.of());
        String fastest = times.map(all -> fastest(all, preferred.name())).orElse(preferred.name());
        decided.put(shapes, new Decision(fastest, names));
        if (times.isPresent() && !sound.isEmpty()) {
            records.write(shapes, entry(fastest, names, times.get()));
        }
        LOG.info("{} on {}: {}{}", shapes, trial.device().name(), fastest, inWords(times.orElse(Map.of())));
        return new Choice(named(candidates, fastest), rejected);
    }

    /** Whether a candidate agrees with the reference; empty if it could not be tried. A failure is recorded. */
    private Optional<Boolean> verify(CandidateTrial trial, RecurrentOp candidate, String shapes) {
        context.synchronize(); // an error of what ran before is not the candidate's
        try {
            Verification verification = trial.verify(candidate);
            if (!verification.passed()) {
                failures.failed(candidate.name(), verification.failure() + " (" + shapes + ")");
                LOG.warn("{} is not used: {}", candidate.name(), verification.failure());
            }
            return Optional.of(verification.passed());
        } catch (RuntimeException e) {
            requireUsable(candidate, e);
            LOG.warn("{} cannot be tried for {}: {}", candidate.name(), shapes, e.toString());
            return Optional.empty();
        }
    }

    /** Passes on the error of a candidate if it left the context unusable, and records it for the next process. */
    private void requireUsable(RecurrentOp candidate, RuntimeException cause) {
        try {
            context.synchronize();
        } catch (CudaException e) {
            failures.failed(candidate.name(), String.valueOf(cause.getMessage()));
            cause.addSuppressed(e);
            throw cause;
        }
    }

    private Optional<Map<String, Double>> times(CandidateTrial trial, List<RecurrentOp> sound, String shapes) {
        try {
            return Optional.of(trial.times(sound));
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

    private static Optional<Decision> decision(JsonObject entry) {
        if (entry.get("chosen") instanceof JsonPrimitive chosen && entry.get("among") instanceof JsonArray among) {
            return Optional.of(new Decision(
                    chosen.getAsString(),
                    among.asList().stream()
                            .filter(JsonElement::isJsonPrimitive)
                            .map(JsonElement::getAsString)
                            .toList()));
        }
        return Optional.empty();
    }
}
