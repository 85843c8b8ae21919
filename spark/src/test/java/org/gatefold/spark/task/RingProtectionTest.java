package org.gatefold.spark.task;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.apache.spark.SecurityManager;
import org.apache.spark.SparkConf;
import org.apache.spark.internal.config.package$;
import org.gatefold.train.parallel.CollectiveException;
import org.gatefold.train.parallel.Ring;
import org.gatefold.train.parallel.RingSeat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import scala.Option;

/** What Spark is told of secrets and encryption holds for workers too. */
class RingProtectionTest {
    private static final InetAddress HERE = InetAddress.getLoopbackAddress();
    private static final byte[] DRAWN = "sixteen bytes or more".getBytes(StandardCharsets.UTF_8);

    private static SecurityManager security(String... settings) {
        SparkConf conf = new SparkConf(false);
        for (int i = 0; i < settings.length; i += 2) {
            conf.set(settings[i], settings[i + 1]);
        }
        return new SecurityManager(conf, Option.empty(), package$.MODULE$.AUTH_SECRET_FILE());
    }

    private static SecurityManager authenticated(String secret) {
        return security("spark.authenticate", "true", "spark.authenticate.secret", secret);
    }

    /** The first word of who listens says whether what follows is encrypted. */
    @ParameterizedTest
    @CsvSource({
        "spark.authenticate, true, spark.app.name, a, GFR1",
        "spark.authenticate, true, spark.network.crypto.enabled, true, GFS1",
        "spark.authenticate, true, spark.authenticate.enableSaslEncryption, true, GFS1",
        "spark.ssl.rpc.enabled, true, spark.ssl.rpc.keyStore, /a/store, GFS1"
    })
    void workersEncryptWhereSparkDoes(String name, String value, String other, String otherValue, String word)
            throws IOException {
        SecurityManager spark = security(name, value, other, otherValue, "spark.authenticate.secret", "a secret");
        try (RingSeat first = RingProtection.listen(spark, HERE, DRAWN);
                RingSeat second = RingProtection.listen(spark, HERE, DRAWN);
                Socket stranger = new Socket(HERE, first.port())) {
            stranger.getOutputStream().write(new byte[104]);
            assertThat(together(first, second, Duration.ofMinutes(1))).containsOnlyNulls();
            assertThat(new String(stranger.getInputStream().readNBytes(4), StandardCharsets.US_ASCII))
                    .isEqualTo(word);
        }
    }

    /** By what each fails to join; null if it does join. */
    private static List<Throwable> together(RingSeat first, RingSeat second, Duration patience) {
        List<InetSocketAddress> seats =
                List.of(new InetSocketAddress(HERE, first.port()), new InetSocketAddress(HERE, second.port()));
        CompletableFuture<Throwable> joined = CompletableFuture.supplyAsync(() -> joining(second, 1, seats, patience));
        return Arrays.asList(joining(first, 0, seats, patience), joined.join());
    }

    private static Throwable joining(RingSeat seat, int rank, List<InetSocketAddress> seats, Duration patience) {
        try (Ring ring = seat.join(rank, seats, patience)) {
            ring.barrier();
            return null;
        } catch (CollectiveException e) {
            return e;
        }
    }

    private static List<Throwable> together(SecurityManager one, SecurityManager other, Duration patience) {
        try (RingSeat first = RingProtection.listen(one, HERE, DRAWN);
                RingSeat second = RingProtection.listen(other, HERE, DRAWN)) {
            return together(first, second, patience);
        }
    }

    /** The run's own secret, which has come with the task, is not enough. */
    @Test
    void whoDoesNotKnowSparksSecretIsRefused() {
        SecurityManager known = authenticated("a secret");
        Duration brief = Duration.ofSeconds(1);
        assertThat(together(known, authenticated("a secret"), Duration.ofMinutes(1)))
                .containsOnlyNulls();
        assertThat(together(known, authenticated("another"), brief)).doesNotContainNull();
        assertThat(together(known, security(), brief)).doesNotContainNull();
    }
}
