package org.gatefold.op.recurrent;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.gatefold.device.Device;
import org.gatefold.op.Mode;
import org.gatefold.op.plan.VerificationRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Chooses the implementation of a recurrent operation: the first of a device's list that does not decline, or, of those,
 * the one that the device's {@link RecurrentTuner} decides for. An implementation that failed on the hardware at hand, by
 * the device's {@link VerificationRecord}, is never chosen.
 */
public final class RecurrentChoice {
    /** Forces an implementation by name. */
    public static final String PROPERTY = "gatefold.lstm";

    private static final Logger LOG = LoggerFactory.getLogger(RecurrentChoice.class);
    private static final Set<String> TOLD = ConcurrentHashMap.newKeySet();

    private RecurrentChoice() {}

    /**
     * The implementation of {@code device} to take, or the one that {@code -Dgatefold.lstm} names. The choice and the
     * reasons of those that declined are logged once per device.
     *
     * @throws IllegalArgumentException if the forced implementation is unknown, or all decline, with the reasons
     */
    public static RecurrentOp choose(Device device, RecurrentSpec spec, Mode mode) {
        List<RecurrentOp> candidates = device.operations(RecurrentOp.class);
        String forced = System.getProperty(PROPERTY, "").trim();
        if (!forced.isEmpty()) {
            candidates = named(device, candidates, forced);
        }
        List<RecurrentTuner> tuners = forced.isEmpty() ? device.operations(RecurrentTuner.class) : List.of();
        List<RecurrentOp> able = new ArrayList<>();
        List<String> reasons = new ArrayList<>();
        for (RecurrentOp op : candidates) {
            Optional<String> reason = reasonAgainst(device, op, spec, mode);
            if (reason.isPresent()) {
                reasons.add(op.name() + ": " + reason.get());
                continue;
            }
            able.add(op);
            if (tuners.isEmpty()) {
                break;
            }
        }
        if (able.size() > 1) {
            RecurrentTuner.Choice choice = tuners.get(0).choose(device, able, spec, mode);
            reasons.addAll(choice.rejected());
            able = choice.op().stream().toList();
        }
        if (able.isEmpty()) {
            throw new IllegalArgumentException("no implementation on device " + device.name() + " takes " + spec + "; "
                    + String.join("; ", reasons));
        }
        tell(device, able.get(0), reasons);
        return able.get(0);
    }

    private static List<RecurrentOp> named(Device device, List<RecurrentOp> candidates, String name) {
        List<RecurrentOp> named =
                candidates.stream().filter(op -> op.name().equals(name)).toList();
        if (named.isEmpty()) {
            throw new IllegalArgumentException("-D" + PROPERTY + ": expected one of "
                    + candidates.stream().map(RecurrentOp::name).toList() + " on device " + device.name() + ", got '"
                    + name + "'");
        }
        return named;
    }

    private static Optional<String> reasonAgainst(Device device, RecurrentOp op, RecurrentSpec spec, Mode mode) {
        Optional<String> reason = op.unsupported(spec, mode);
        if (reason.isPresent()) {
            return reason;
        }
        return device.operations(VerificationRecord.class).stream()
                .map(record -> record.failure(op.name()))
                .flatMap(Optional::stream)
                .findFirst();
    }

    private static void tell(Device device, RecurrentOp op, List<String> reasons) {
        String line = device.name() + ": " + op.name() + (reasons.isEmpty() ? "" : "; declined: " + reasons);
        if (TOLD.add(line)) {
            LOG.info("recurrent layers on {}", line);
        }
    }
}
