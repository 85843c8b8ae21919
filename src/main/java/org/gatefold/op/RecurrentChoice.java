package org.gatefold.op;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.gatefold.device.Device;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Chooses the implementation of a recurrent operation: the first of a device's list that does not decline. */
public final class RecurrentChoice {
    /** Forces an implementation by name. */
    public static final String PROPERTY = "gatefold.lstm";

    private static final Logger LOG = LoggerFactory.getLogger(RecurrentChoice.class);
    private static final Set<String> TOLD = ConcurrentHashMap.newKeySet();

    private RecurrentChoice() {}

    /**
     * The first implementation of {@code device} that takes the spec, or the one that {@code -Dgatefold.lstm} names. The
     * choice and the reasons of those that declined are logged once per device.
     *
     * @throws IllegalArgumentException if the forced implementation is unknown, or all decline, with the reasons
     */
    public static RecurrentOp choose(Device device, RecurrentSpec spec, Mode mode) {
        List<RecurrentOp> candidates = device.operations(RecurrentOp.class);
        String forced = System.getProperty(PROPERTY, "").trim();
        if (!forced.isEmpty()) {
            List<RecurrentOp> named =
                    candidates.stream().filter(op -> op.name().equals(forced)).toList();
            if (named.isEmpty()) {
                throw new IllegalArgumentException("-D" + PROPERTY + ": expected one of "
                        + candidates.stream().map(RecurrentOp::name).toList() + " on device " + device.name()
                        + ", got '" + forced + "'");
            }
            candidates = named;
        }
        List<String> reasons = new ArrayList<>();
        for (RecurrentOp op : candidates) {
            Optional<String> reason = op.unsupported(spec, mode);
            if (reason.isEmpty()) {
                tell(device, op, reasons);
                return op;
            }
            reasons.add(op.name() + ": " + reason.get());
        }
        throw new IllegalArgumentException(
                "no implementation on device " + device.name() + " takes " + spec + "; " + String.join("; ", reasons));
    }

    private static void tell(Device device, RecurrentOp op, List<String> reasons) {
        String line = device.name() + ": " + op.name() + (reasons.isEmpty() ? "" : "; declined: " + reasons);
        if (TOLD.add(line)) {
            LOG.info("recurrent layers on {}", line);
        }
    }
}
