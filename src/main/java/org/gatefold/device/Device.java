package org.gatefold.device;

import com.google.errorprone.annotations.MustBeClosed;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.gatefold.tensor.Call;
import org.gatefold.tensor.Lifetime;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An open device: it opens scopes, hands out operations and synchronises.
 *
 * <p>Owns the sessions of the backends behind it. Thread-safe: many threads may open scopes and run operations on one
 * device; a scope or a plan belongs to one thread at a time. Close scopes before their device; those left open are
 * closed with it and reported. {@link #close()} waits for calls in progress; those that come later get an
 * IllegalStateException.
 */
public final class Device implements AutoCloseable {
    /** The property of a device that is simulated by software: test equipment, whose time says nothing. */
    public static final String SIMULATED = "simulated";

    private static final Logger LOG = LoggerFactory.getLogger(Device.class);

    private final String name;
    private final List<Backend.Session> sessions;
    private final Memory memory;
    private final AtomicLong bytes = new AtomicLong();
    private final Set<Scope> open = Collections.synchronizedSet(Collections.newSetFromMap(new LinkedHashMap<>()));
    private final Map<Class<?>, List<?>> operations = Collections.synchronizedMap(new LinkedHashMap<>());
    private final Lifetime lifetime;

    @MustBeClosed
    Device(String name, List<Backend.Session> sessions) {
        this.name = name;
        this.sessions = List.copyOf(sessions);
        this.memory = sessions.get(0).memory();
        this.lifetime = sessions.get(0).lifetime().orElseGet(() -> new Lifetime("device " + name, null));
    }

    /** The name this device is opened by, for instance {@code "cpu"}. */
    public String name() {
        return name;
    }

    /** Hardware and code path in words. */
    public String description() {
        return sessions.get(0).description();
    }

    /** Hardware, drivers and libraries behind this device: name to value, in the order in which to show them. */
    public Map<String, String> properties() {
        Call call = Call.begin();
        try {
            requireOpen();
            Map<String, String> all = new LinkedHashMap<>();
            for (Backend.Session session : sessions) {
                session.properties().forEach(all::putIfAbsent);
            }
            return all;
        } finally {
            call.end();
        }
    }

    /** Opens a scope: an owner of memory on this device. Close it when done. */
    @MustBeClosed
    public Scope openScope(String scopeName) {
        return Scope.openOn(this, memory, scopeName);
    }

    /** Opens a slot for tensors that are written while the device works on others. Close it when done. */
    @MustBeClosed
    public UploadSlot openUploadSlot(String slotName) {
        Call call = Call.begin();
        try {
            requireOpen();
            return new UploadSlot(this, slotName, sessions.get(0).uploadMemory(), memory);
        } finally {
            call.end();
        }
    }

    /**
     * Opens room for floats that are read while the device works on. Close it when done.
     *
     * @param count how many floats, at least 1
     */
    @MustBeClosed
    public DownloadSlot openDownloadSlot(String slotName, int count) {
        Call call = Call.begin();
        try {
            requireOpen();
            return new DownloadSlot(this, slotName, sessions.get(0), memory, count);
        } finally {
            call.end();
        }
    }

    /** Opens a stopwatch: the device's own, or the host's clock where the host computes. Close it when done. */
    @MustBeClosed
    public Stopwatch openStopwatch() {
        Call call = Call.begin();
        try {
            requireOpen();
            return sessions.get(0).stopwatch().orElseGet(HostStopwatch::new);
        } finally {
            call.end();
        }
    }

    /** Copies between host and device since it was opened; none on devices that work in the host's memory. */
    public Copies copies() {
        Call call = Call.begin();
        try {
            requireOpen();
            return sessions.get(0).copies();
        } finally {
            call.end();
        }
    }

    /**
     * All implementations of a contract, preferred first.
     *
     * @throws IllegalStateException if the device is closed
     */
    public <O extends Operation> List<O> operations(Class<O> contract) {
        Call call = Call.begin();
        try {
            requireOpen();
            List<?> found = operations.get(contract);
            if (found == null) {
                List<O> all = new ArrayList<>();
                for (Backend.Session session : sessions) {
                    all.addAll(session.operations(contract));
                }
                found = List.copyOf(all);
                operations.put(contract, found);
            }
            return found.stream().map(contract::cast).toList();
        } finally {
            call.end();
        }
    }

    /**
     * The preferred implementation of a contract.
     *
     * @throws IllegalStateException if no backend of this device implements it
     */
    public <O extends Operation> O operation(Class<O> contract) {
        List<O> found = operations(contract);
        if (found.isEmpty()) {
            throw new IllegalStateException("device " + name + " has no " + contract.getSimpleName());
        }
        return found.get(0);
    }

    /** A service of this device beside its operations; of the first backend that has one of this type. */
    public <T> Optional<T> service(Class<T> type) {
        Call call = Call.begin();
        try {
            requireOpen();
            return sessions.stream()
                    .map(session -> session.service(type))
                    .flatMap(Optional::stream)
                    .findFirst();
        } finally {
            call.end();
        }
    }

    /** Returns when all work submitted to this device is done. */
    public void synchronize() {
        Call call = Call.begin();
        try {
            requireOpen();
            sessions.forEach(Backend.Session::synchronize);
        } finally {
            call.end();
        }
    }

    /** Bytes that the open scopes of this device hold. */
    public long bytesInUse() {
        return bytes.get();
    }

    void opened(Scope scope) {
        open.add(scope);
    }

    void closed(Scope scope) {
        open.remove(scope);
    }

    void account(long change) {
        bytes.addAndGet(change);
    }

    /** Of what this device's sessions serve; scopes have lifetimes below it. */
    Lifetime lifetime() {
        return lifetime;
    }

    void requireOpen() {
        lifetime.require();
    }

    /**
     * Waits for calls in progress, closes scopes that were left open (with a warning that names them), then the backends.
     * Closing twice does nothing.
     */
    @Override
    public void close() {
        lifetime.end(this::free);
    }

    private void free() {
        List<Scope> left = new ArrayList<>(open);
        Collections.reverse(left);
        for (Scope scope : left) {
            LOG.warn("device {} is closed while {} is open; closing it{}", name, scope, scope.whereMade());
            scope.close();
        }
        List<Backend.Session> reversed = new ArrayList<>(sessions);
        Collections.reverse(reversed);
        reversed.forEach(Backend.Session::close);
    }

    @Override
    public String toString() {
        return name + " (" + description() + ")";
    }
}
