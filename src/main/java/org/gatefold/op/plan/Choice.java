package org.gatefold.op.plan;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.gatefold.device.Device;
import org.gatefold.op.Mode;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Chooses the implementation of a planned operation: the first of a device's list that does not decline, or, of those,
 * the one that the device's {@link Tuner} decides for. An implementation that failed on the hardware at hand, by the
 * device's {@link VerificationRecord}, is never chosen. Stateless and thread-safe.
 */
public final class Choice {
    /** Forces implementations: {@code FAMILY:NAME}, several of them separated by commas. */
    public static final String PROPERTY = "gatefold.use";

    /** What forced implementations of every recurrent layer in earlier versions. */
    private static final String FORMER_PROPERTY = "gatefold.lstm";

    private static final Logger LOG = LoggerFactory.getLogger(Choice.class);
    private static final Set<String> TOLD = ConcurrentHashMap.newKeySet();

    private Choice() {}

    /**
     * The implementation of {@code device} to take, or the one that {@code -Dgatefold.use} names. The choice and the
     * reasons of those that declined are logged once per device.
     *
     * @throws IllegalArgumentException if the forced implementation is unknown, or all decline, with the reasons
     */
    public static <O extends PlannedOp<S, P>, S, P extends Plan> O choose(
            Device device, Family<O, S, P> family, S spec, Mode mode) {
        List<O> candidates = device.operations(family.contract());
        Optional<String> forced = forced(family);
        if (forced.isPresent()) {
            candidates = named(device, family, candidates, forced.get());
        }
        Optional<Tuner> tuner = forced.isPresent() ? Optional.empty() : device.service(Tuner.class);
        List<O> able = new ArrayList<>();
        List<String> reasons = new ArrayList<>();
        for (O op : candidates) {
            Optional<String> reason = reasonAgainst(device, family, op, spec, mode);
            if (reason.isPresent()) {
                reasons.add(op.name() + ": " + reason.get());
                continue;
            }
            able.add(op);
            if (tuner.isEmpty()) {
                break;
            }
        }
        if (able.size() > 1) {
            Tuner.Decision<O> decision = tuner.get().decide(device, family, able, spec, mode);
            reasons.addAll(decision.rejected());
            able = decision.op().stream().toList();
        }
        if (able.isEmpty()) {
            throw new IllegalArgumentException("no implementation on device " + device.name() + " takes " + spec + "; "
                    + String.join("; ", reasons));
        }
        tell(device, family, able.get(0), reasons);
        return able.get(0);
    }

    /**
     * The implementation of a family that {@code -Dgatefold.use} names.
     *
     * @throws IllegalArgumentException if the property cannot be read
     */
    public static Optional<String> forced(Family<?, ?, ?> family) {
        if (System.getProperty(FORMER_PROPERTY) != null) {
            throw new IllegalArgumentException("-D" + FORMER_PROPERTY + ": is not read any more; expected -D" + PROPERTY
                    + "=recurrent:NAME, got " + System.getProperty(FORMER_PROPERTY));
        }
        String text = System.getProperty(PROPERTY, "").trim();
        if (text.isEmpty()) {
            return Optional.empty();
        }
        Optional<String> found = Optional.empty();
        for (String part : text.split(",", -1)) {
            int colon = part.indexOf(':');
            if (colon < 1 || part.substring(colon + 1).isBlank()) {
                throw new IllegalArgumentException("-D" + PROPERTY
                        + ": expected FAMILY:NAME, for instance recurrent:reference, got '" + part + "'");
            }
            if (part.substring(0, colon).trim().equals(family.name())) {
                found = Optional.of(part.substring(colon + 1).trim());
            }
        }
        return found;
    }

    private static <O extends PlannedOp<?, ?>> List<O> named(
            Device device, Family<O, ?, ?> family, List<O> candidates, String name) {
        List<O> named = candidates.stream().filter(op -> op.name().equals(name)).toList();
        if (named.isEmpty()) {
            throw new IllegalArgumentException("-D" + PROPERTY + ": expected " + family.name() + ": and one of "
                    + candidates.stream().map(PlannedOp::name).toList() + " on device " + device.name() + ", got '"
                    + name + "'");
        }
        return named;
    }

    private static <O extends PlannedOp<S, P>, S, P extends Plan> Optional<String> reasonAgainst(
            Device device, Family<O, S, P> family, O op, S spec, Mode mode) {
        Optional<String> reason = op.unsupported(spec, mode);
        if (reason.isPresent()) {
            return reason;
        }
        return device.service(VerificationRecord.class).flatMap(record -> record.failure(family.qualified(op)));
    }

    private static void tell(Device device, Family<?, ?, ?> family, PlannedOp<?, ?> op, List<String> reasons) {
        String line = family.name() + " on " + device.name() + ": " + op.name()
                + (reasons.isEmpty() ? "" : "; declined: " + reasons);
        if (TOLD.add(line)) {
            LOG.info("{}", line);
        }
    }
}
