package org.gatefold.spark;

import java.io.Serializable;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import jcuda.driver.CUdevice;
import jcuda.driver.JCudaDriver;
import org.apache.spark.BarrierTaskContext;
import org.apache.spark.SparkEnv;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.gatefold.device.Devices;
import scala.collection.Iterator;
import scala.jdk.javaapi.CollectionConverters;
import scala.reflect.ClassTag;
import scala.runtime.AbstractFunction1;

/** Asks the driver in every executor, from the first call on, which cards have a context. What it saw belongs to the process. */
final class CardWatch extends AbstractFunction1<Iterator<Integer>, Iterator<CardWatch.Seen>> implements Serializable {
    private static final long serialVersionUID = 1L;

    private static final long PAUSE_NANOS = 500_000;
    private static final AtomicBoolean BEGUN = new AtomicBoolean();
    private static final Set<Integer> SEEN = new ConcurrentSkipListSet<>();

    private final int cards;

    /** @param cards of every executor */
    CardWatch(int cards) {
        this.cards = cards;
    }

    /**
     * What an executor has seen.
     *
     * @param cards the numbers of those that had a context at any time
     */
    record Seen(String executor, TreeSet<Integer> cards) implements Serializable {
        private static final long serialVersionUID = 1L;
    }

    /** What each of some executors with one core has seen so far; those that did not watch begin to. */
    List<Seen> ask(SparkSession spark, int executors) {
        List<Integer> numbers = IntStream.range(0, executors).boxed().toList();
        // All at once, so that every executor has one.
        return JavaSparkContext.fromSparkContext(spark.sparkContext())
                .parallelize(numbers, executors)
                .rdd()
                .barrier()
                .mapPartitions(this, false, ClassTag.<Seen>apply(Seen.class))
                .toJavaRDD()
                .collect();
    }

    @Override
    public Iterator<Seen> apply(Iterator<Integer> numbers) {
        BarrierTaskContext.get().barrier();
        if (!BEGUN.getAndSet(true)) {
            begin();
        }
        return CollectionConverters.asScala(List.of(new Seen(SparkEnv.get().executorId(), new TreeSet<>(SEEN)))
                .iterator());
    }

    private void begin() {
        // Loads the driver.
        if (Devices.list().stream().noneMatch(info -> info.device().equals("cuda:" + (cards - 1)))) {
            throw new IllegalStateException("expected " + cards + " cards, got " + Devices.list());
        }
        CUdevice[] all = IntStream.range(0, cards)
                .mapToObj(number -> {
                    CUdevice card = new CUdevice();
                    JCudaDriver.cuDeviceGet(card, number);
                    return card;
                })
                .toArray(CUdevice[]::new);
        Thread watch = new Thread(() -> look(all), "card-watch");
        watch.setDaemon(true);
        watch.start();
    }

    private static void look(CUdevice... all) {
        while (true) {
            for (int number = 0; number < all.length; number++) {
                int[] active = new int[1];
                JCudaDriver.cuDevicePrimaryCtxGetState(all[number], new int[1], active);
                if (active[0] != 0) {
                    SEEN.add(number);
                }
            }
            LockSupport.parkNanos(PAUSE_NANOS);
        }
    }
}
