package org.gatefold.backend.cuda.kernel;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import jcuda.driver.CUfunction;
import jcuda.driver.CUfunction_attribute;
import jcuda.driver.CUmodule;
import jcuda.driver.CUstream;
import jcuda.driver.JCudaDriver;
import org.gatefold.backend.cuda.driver.CudaContext;
import org.gatefold.backend.cuda.driver.CudaStatus;

/**
 * The kernels of one context: compiled or taken from the cache, a source when one of its kernels is first used, and launched
 * by name. Thread-safe.
 */
public final class Kernels implements AutoCloseable {
    private static final int BLOCK = 256;

    private final CudaContext context;
    private final KernelCache cache;
    private final KernelSources sources;
    private final KernelCompiler.Code code = KernelCompiler.Code.chosen();
    private final Map<String, CUmodule> modules = new HashMap<>();
    private final Map<String, CUfunction> functions = new ConcurrentHashMap<>();
    private final Map<String, Integer> allowed = new ConcurrentHashMap<>();

    public Kernels(CudaContext context, KernelCache cache, KernelSources sources) {
        this.context = context;
        this.cache = cache;
        this.sources = sources;
    }

    private CUfunction function(String name) {
        CUfunction found = functions.get(name);
        return found != null ? found : lookUp(name);
    }

    private synchronized CUfunction lookUp(String name) {
        CUmodule module = modules.computeIfAbsent(sources.file(name), this::load);
        CUfunction function = new CUfunction();
        CudaStatus.check("cuModuleGetFunction " + name, JCudaDriver.cuModuleGetFunction(function, module, name));
        functions.put(name, function);
        return function;
    }

    private CUmodule load(String file) {
        context.enter();
        Map<String, String> headers = sources.headers(file);
        List<String> options = KernelCompiler.options(context.capability(), code);
        String source = sources.text(file);
        List<String> parts = new ArrayList<>(List.of(KernelCompiler.version(), code.name(), file, source));
        if (context.simulated()) {
            // Its "machine code" is nothing for a card of the same architecture.
            parts.add("simulated");
        }
        parts.addAll(options);
        headers.forEach((name, text) -> {
            parts.add(name);
            parts.add(text);
        });
        byte[] image =
                cache.get(KernelCache.key(parts), () -> KernelCompiler.compile(file, source, headers, options, code));
        CUmodule module = new CUmodule();
        CudaStatus.check("cuModuleLoadData " + file, JCudaDriver.cuModuleLoadData(module, image));
        return module;
    }

    /** Launches enough threads of 256 a block to give every one of {@code items} one. */
    public void launch(CUstream stream, String name, long items, KernelArguments arguments) {
        launch(stream, name, blocks(items), 1, BLOCK, 1, arguments);
    }

    /** Launches a grid-stride loop over {@code items}: as many blocks as keep the card busy, at most. */
    public void launchLoop(CUstream stream, String name, long items, KernelArguments arguments) {
        launch(stream, name, Math.min(blocks(items), context.multiprocessors() * 16), 1, BLOCK, 1, arguments);
    }

    /** Launches a grid of {@code gridX x gridY} blocks of {@code blockX x blockY} threads. */
    public void launch(
            CUstream stream, String name, int gridX, int gridY, int blockX, int blockY, KernelArguments arguments) {
        context.submit(
                stream,
                () -> new Launch(name, gridX, gridY, blockX, blockY, arguments.values()),
                on -> launchOn(on, name, gridX, gridY, blockX, blockY, 0, arguments));
    }

    /** A launch with everything that it depends on. */
    private record Launch(String name, int gridX, int gridY, int blockX, int blockY, ByteBuffer arguments) {
        @Override
        public String toString() {
            return name;
        }
    }

    private void launchOn(
            CUstream stream,
            String name,
            int gridX,
            int gridY,
            int blockX,
            int blockY,
            int shared,
            KernelArguments arguments) {
        context.enter();
        CUfunction function = function(name);
        if (shared > 0) {
            allow(name, function, shared);
        }
        CudaStatus.check(
                "cuLaunchKernel " + name,
                JCudaDriver.cuLaunchKernel(
                        function, gridX, gridY, 1, blockX, blockY, 1, shared, stream, arguments.pointers(), null));
    }

    /**
     * Launches {@code gridX x gridY} blocks of {@code threads} threads that run side by side.
     *
     * @param shared bytes of shared memory a block, beside what the kernel declares
     */
    public void launchTogether(
            CUstream stream, String name, int gridX, int gridY, int threads, int shared, KernelArguments arguments) {
        context.submit(
                stream,
                () -> List.of(new Launch(name, gridX, gridY, threads, 1, arguments.values()), shared),
                on -> launchTogetherOn(on, name, gridX, gridY, threads, shared, arguments));
    }

    private void launchTogetherOn(
            CUstream stream, String name, int gridX, int gridY, int threads, int shared, KernelArguments arguments) {
        context.enter();
        CUfunction function = function(name);
        allow(name, function, shared);
        CudaStatus.check(
                "cuLaunchCooperativeKernel " + name,
                JCudaDriver.cuLaunchCooperativeKernel(
                        function, gridX, gridY, 1, threads, 1, 1, shared, stream, arguments.pointers()));
    }

    /**
     * Launches {@code grid} blocks of {@code threads} threads, of which the kernel says how many are a cluster.
     *
     * @param shared bytes of shared memory a block, beside what the kernel declares
     */
    public void launchClusters(
            CUstream stream, String name, int grid, int threads, int shared, KernelArguments arguments) {
        context.submit(
                stream,
                () -> List.of(new Launch(name, grid, 1, threads, 1, arguments.values()), shared),
                on -> launchOn(on, name, grid, 1, threads, 1, shared, arguments));
    }

    /** Lets a kernel have shared memory; what graphs were recorded with stays allowed. */
    private void allow(String name, CUfunction function, int shared) {
        allowed.compute(name, (any, before) -> {
            if (before != null && before >= shared) {
                return before;
            }
            CudaStatus.check(
                    "cuFuncSetAttribute " + name,
                    JCudaDriver.cuFuncSetAttribute(
                            function, CUfunction_attribute.CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES, shared));
            return shared;
        });
    }

    private static int blocks(long items) {
        return Math.toIntExact((items + BLOCK - 1) / BLOCK);
    }

    @Override
    public synchronized void close() {
        context.drain();
        for (CUmodule module : modules.values()) {
            CudaStatus.check("cuModuleUnload", JCudaDriver.cuModuleUnload(module));
        }
        modules.clear();
        functions.clear();
        allowed.clear();
    }
}
