package org.gatefold.backend.cuda.driver;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import jcuda.driver.CUgraphExec;
import jcuda.driver.CUstream;
import jcuda.driver.JCudaDriver;

/**
 * Replays work that was submitted before. The first time, work is submitted directly, so that whatever libraries prepare
 * at first use is not recorded; the second time, it is recorded into a graph on a stream that nothing else uses, and from
 * then on the graph is launched. Keeps the graphs used last. One thread at a time.
 */
public final class GraphCache implements AutoCloseable {
    private static final int GRAPHS = 256;
    private static final AtomicLong MADE = new AtomicLong();

    private final CudaContext context;
    private final long number = MADE.incrementAndGet();
    private final GraphRecorder recorder;
    private final Map<List<Long>, CUgraphExec> graphs = new LinkedHashMap<>(16, 0.75f, true);

    public GraphCache(CudaContext context) {
        this.context = context;
        context.enter();
        this.recorder = new GraphRecorder();
    }

    /**
     * Runs {@code work}, or the graph recorded from it.
     *
     * @param key every address and number that the work depends on
     * @param stream where it runs
     * @param work submits everything to the stream it is given
     */
    public void run(List<Long> key, CUstream stream, Consumer<CUstream> work) {
        context.submit(stream, () -> List.of("steps of a layer", number, key), on -> replay(key, on, work), work);
    }

    private void replay(List<Long> key, CUstream stream, Consumer<CUstream> work) {
        context.enter();
        if (!graphs.containsKey(key)) {
            work.accept(stream);
            // Not before: what failed may have prepared nothing, and is not to be recorded.
            graphs.put(key, null);
            evict();
            return;
        }
        CUgraphExec graph = graphs.get(key);
        if (graph == null) {
            graph = recorder.record(work);
            graphs.put(key, graph);
        }
        CudaStatus.check("cuGraphLaunch", JCudaDriver.cuGraphLaunch(graph, stream));
    }

    private void evict() {
        while (graphs.size() > GRAPHS) {
            List<Long> eldest = graphs.keySet().iterator().next();
            destroy(graphs.remove(eldest));
        }
    }

    private void destroy(CUgraphExec graph) {
        if (graph != null) {
            context.drain();
            CudaStatus.check("cuGraphExecDestroy", JCudaDriver.cuGraphExecDestroy(graph));
        }
    }

    @Override
    public void close() {
        context.drain();
        graphs.values().forEach(this::destroy);
        graphs.clear();
        recorder.close();
    }
}
