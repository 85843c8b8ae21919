package org.gatefold;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMethodCall;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.CompositeArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.EvaluationResult;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.gatefold.tensor.Tensor;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Holds the import rules of docs/architecture.md, and holds them against fixtures that break each one, so that a rule
 * that no longer sees anything is noticed.
 */
class ArchitectureTest {
    /** Each package imports only what stands before it. */
    private static final List<String> CHAIN = List.of(
            "tensor",
            "device",
            "op",
            "autograd",
            "layer",
            "model",
            "decode",
            "seq2seq",
            "exchange",
            "train",
            "recipe",
            "cli");

    /** The packages of the chain that may know of batches and readers. */
    private static final List<String> READERS_OF_DATA = List.of("model", "seq2seq", "train", "recipe", "cli");

    /** The packages of the chain that may know of files. */
    private static final List<String> READERS_OF_FILES = List.of("exchange", "train", "recipe", "cli");

    private static final List<String> BACKENDS = List.of("reference", "cpu", "cuda");

    /** The rooms of backend.cuda: each imports only what stands in a group before its own, or in itself. */
    private static final List<List<String>> CUDA_ROOMS = List.of(
            List.of("driver"),
            List.of("library"),
            List.of("kernel"),
            List.of("operation", "tuning"),
            List.of("recurrent", "cudnn"));

    /** Optional libraries that single rooms of the engine read other systems' files with. */
    private static final Map<String, String> LIBRARIES_OF_ROOMS = Map.of(
            "exchange.onnx", "com.google.protobuf..",
            "exchange.pytorch", "net.razorvine.pickle..",
            "exchange.keras", "io.jhdf..");

    /** The rooms of backend.reference, likewise. */
    private static final List<List<String>> REFERENCE_ROOMS =
            List.of(List.of("math"), List.of("operation", "recurrent"));

    /** The rooms of data, likewise; what stands in data itself imports none of them. */
    private static final List<List<String>> DATA_ROOMS = List.of(
            List.of("table", "media", "ngram"), List.of("text", "image", "transform"), List.of("audio", "video"));

    /** The rooms of recipe that every recipe may import; every other room is one recipe. */
    private static final List<String> SHARED_BY_RECIPES = List.of("field", "baseline", "option", "search");

    private static final String CIRCLES = "packages, rooms too, import each other in no circle";

    private static final String FIXTURES = "org.gatefold.archfixture";

    private static final JavaClasses MAIN = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("org.gatefold");

    @TestFactory
    Stream<DynamicTest> mainClassesKeepEveryRule() {
        return rules("org.gatefold").entrySet().stream()
                .map(rule -> DynamicTest.dynamicTest(
                        rule.getKey(), () -> rule.getValue().check(MAIN)));
    }

    @Test
    void mainClassesAreSeen() {
        assertThat(MAIN.contain(Tensor.class)).isTrue();
        assertThat(MAIN.contain(ArchitectureTest.class)).isFalse();
    }

    @TestFactory
    Stream<DynamicTest> fixturesBreakExactlyTheirRule() {
        Map<String, List<String>> expected = new LinkedHashMap<>();
        expected.put("tensor.ReachesRight", List.of("tensor imports nothing to its right"));
        expected.put("op.UsesBackend", List.of("op imports nothing to its right", "nothing imports a backend"));
        expected.put("op.UsesData", List.of("op imports nothing to its right"));
        expected.put("data.UsesOp", List.of("data imports tensor, device and file only"));
        expected.put("data.table.UsesText", List.of("data.table imports nothing to its right"));
        expected.put("data.UsesReader", List.of("batches know no reader"));
        expected.put("file.UsesDevice", List.of("file imports tensor only"));
        expected.put("doctor.UsesData", List.of("doctor imports tensor, device and op only"));
        expected.put("backend.cuda.UsesTrain", List.of("backend.cuda imports tensor, device and op only"));
        expected.put("backend.cuda.driver.UsesKernel", List.of("backend.cuda.driver imports nothing to its right"));
        expected.put("backend.cuda.cudnn.UsesRecurrent", List.of("backend.cuda.cudnn imports nothing to its right"));
        expected.put(
                "backend.cpu.UsesOtherBackend",
                List.of("backend.cpu imports tensor, device and op only", "nothing imports a backend"));
        expected.put(
                "backend.cpu.UsesJcuda",
                List.of("only backend.cuda imports jcuda", "the engine needs no optional library"));
        expected.put("backend.cuda.UsesJcuda", List.of());
        expected.put("layer.PrintsToOut", List.of("only cli prints"));
        expected.put("train.PrintsToErr", List.of("only cli prints"));
        expected.put("recipe.PrintsStackTrace", List.of("only cli prints"));
        expected.put("cli.Prints", List.of());
        expected.put("train.UsesPicocli", List.of("the engine needs no optional library"));
        expected.put("train.UsesWhatStandsLeft", List.of());
        expected.put("recipe.first.UsesSecond", List.of("no recipe imports another"));
        expected.put("recipe.first.UsesField", List.of());
        expected.put("cli.NamesRecipe", List.of("cli names no recipe"));
        expected.put("stray.Stray", List.of("every class stands in a package of the plan"));

        return expected.entrySet().stream()
                .map(fixture -> DynamicTest.dynamicTest(
                        fixture.getKey(), () -> assertEquals(fixture.getValue(), broken(fixture.getKey()))));
    }

    /** A circle takes more than the one class that other rules are broken by. */
    @Test
    void aCircleIsSeen() {
        JavaClasses both = new ClassFileImporter().importPackages(FIXTURES + ".model");
        assertThat(rules(FIXTURES).get(CIRCLES).evaluate(both).hasViolation()).isTrue();
    }

    /** The names of the rules that one fixture class breaks. */
    private static List<String> broken(String fixture) throws ClassNotFoundException {
        Class<?> type = Class.forName(FIXTURES + "." + fixture);
        JavaClasses one = new ClassFileImporter().importClasses(type);
        List<String> names = new ArrayList<>();
        rules(FIXTURES).forEach((name, rule) -> {
            EvaluationResult result = rule.evaluate(one);
            if (result.hasViolation()) {
                names.add(name);
            }
        });
        return names;
    }

    /** All rules, by name, for a tree of packages under {@code root}. */
    private static Map<String, ArchRule> rules(String root) {
        Map<String, ArchRule> rules = new LinkedHashMap<>();
        DescribedPredicate<JavaClass> foreign = not(resideInAPackage(root + ".."));

        for (int i = 0; i < CHAIN.size(); i++) {
            String name = CHAIN.get(i);
            List<String> seen = new ArrayList<>(CHAIN.subList(0, i + 1));
            if (READERS_OF_DATA.contains(name)) {
                seen.add("data");
            }
            if (READERS_OF_FILES.contains(name)) {
                seen.add("file");
            }
            if (name.equals("cli")) {
                seen.add("doctor");
            }
            rules.put(name + " imports nothing to its right", onlySees(root, name, seen, foreign));
        }
        rules.put(
                "data imports tensor, device and file only",
                onlySees(root, "data", List.of("data", "tensor", "device", "file"), foreign));
        rules.put("file imports tensor only", onlySees(root, "file", List.of("file", "tensor"), foreign));
        rules.put(
                "doctor imports tensor, device and op only",
                onlySees(root, "doctor", List.of("doctor", "tensor", "device", "op"), foreign));
        for (String backend : BACKENDS) {
            String name = "backend." + backend;
            rules.put(
                    name + " imports tensor, device and op only",
                    onlySees(root, name, List.of(name, "tensor", "device", "op"), foreign));
        }
        rules.putAll(rooms(root, "backend.cuda", CUDA_ROOMS, List.of("tensor", "device", "op"), foreign));
        rules.putAll(rooms(root, "backend.reference", REFERENCE_ROOMS, List.of("tensor", "device", "op"), foreign));
        rules.putAll(rooms(root, "data", DATA_ROOMS, List.of("tensor", "device", "file"), foreign));
        rules.put(
                "batches know no reader",
                noClasses()
                        .that(resideInAPackage(root + ".data"))
                        .should()
                        .dependOnClassesThat(resideInAPackage(root + ".data.*.."))
                        .allowEmptyShould(true));

        rules.put(
                CIRCLES,
                slices().matching(root + ".(**)").should().beFreeOfCycles().allowEmptyShould(true));
        rules.put("nothing imports a backend", nothingImportsABackend(root));
        rules.put(
                "only backend.cuda imports jcuda",
                noClasses()
                        .that(not(resideInAPackage(root + ".backend.cuda..")))
                        .should()
                        .dependOnClassesThat(resideInAPackage("jcuda.."))
                        .allowEmptyShould(true));
        rules.put(
                "only cli prints",
                noClasses()
                        .that(not(resideInAPackage(root + ".cli..")))
                        .should()
                        .accessField(System.class, "out")
                        .orShould()
                        .accessField(System.class, "err")
                        .orShould()
                        .callMethodWhere(describe("it is printStackTrace()", ArchitectureTest::printsStackTrace))
                        .allowEmptyShould(true));
        rules.put("the engine needs no optional library", engineIsLight(root));
        rules.put("no recipe imports another", noRecipeImportsAnother(root));
        rules.put(
                "cli names no recipe",
                noClasses()
                        .that(resideInAPackage(root + ".cli.."))
                        .should()
                        .dependOnClassesThat(isAnApplication(root))
                        .allowEmptyShould(true));

        List<String> known = Stream.of(
                        CHAIN.stream(),
                        Stream.of("data", "file", "doctor"),
                        BACKENDS.stream().map(backend -> "backend." + backend))
                .flatMap(names -> names)
                .toList();
        rules.put(
                "every class stands in a package of the plan",
                classes().should().resideInAnyPackage(packages(root, known)).allowEmptyShould(true));
        return rules;
    }

    /** True of classes in a room of recipe that is not one of those that all recipes share. */
    private static DescribedPredicate<JavaClass> isAnApplication(String root) {
        return describe(
                "it belongs to one recipe", type -> !application(root, type).isEmpty());
    }

    /** The recipe that a class belongs to; empty if it belongs to none. */
    private static String application(String root, JavaClass type) {
        String recipes = root + ".recipe.";
        if (!type.getPackageName().startsWith(recipes)) {
            return "";
        }
        String room = type.getPackageName().substring(recipes.length()).split("\\.")[0];
        return SHARED_BY_RECIPES.contains(room) ? "" : room;
    }

    private static ArchRule noRecipeImportsAnother(String root) {
        return classes()
                .that(isAnApplication(root))
                .should(new ArchCondition<>("depend on no other recipe") {
                    @Override
                    public void check(JavaClass type, ConditionEvents events) {
                        for (Dependency dependency : type.getDirectDependenciesFromSelf()) {
                            String other = application(root, dependency.getTargetClass());
                            if (!other.isEmpty() && !other.equals(application(root, type))) {
                                events.add(SimpleConditionEvent.violated(dependency, dependency.getDescription()));
                            }
                        }
                    }
                })
                .allowEmptyShould(true);
    }

    /** The order of the rooms in a package, of which each may also import the packages {@code outside}. */
    private static Map<String, ArchRule> rooms(
            String root,
            String parent,
            List<List<String>> groups,
            List<String> outside,
            DescribedPredicate<JavaClass> foreign) {
        Map<String, ArchRule> rules = new LinkedHashMap<>();
        List<String> before = new ArrayList<>(outside);
        for (List<String> group : groups) {
            List<String> rooms = group.stream().map(room -> parent + "." + room).toList();
            for (String room : rooms) {
                List<String> seen = new ArrayList<>(before);
                seen.add(room);
                rules.put(room + " imports nothing to its right", onlySees(root, room, seen, foreign));
            }
            before.addAll(rooms);
        }
        return rules;
    }

    /** Whichever class of exception the call names; printing into a given stream or writer is another method. */
    private static boolean printsStackTrace(JavaMethodCall call) {
        return call.getName().equals("printStackTrace")
                && call.getTarget().getRawParameterTypes().isEmpty();
    }

    /** Classes of {@code name} depend only on foreign classes and on those in the packages {@code seen}. */
    private static ArchRule onlySees(
            String root, String name, List<String> seen, DescribedPredicate<JavaClass> foreign) {
        return classes()
                .that(resideInAPackage(root + "." + name + ".."))
                .should()
                .onlyDependOnClassesThat(foreign.or(resideInAnyPackage(packages(root, seen))))
                .allowEmptyShould(true);
    }

    /** Devices finds backends by name through the ServiceLoader; a backend sees only itself. */
    private static ArchRule nothingImportsABackend(String root) {
        List<ArchRule> each = new ArrayList<>();
        for (String backend : BACKENDS) {
            String own = root + ".backend." + backend + "..";
            each.add(noClasses()
                    .that(not(resideInAPackage(own)))
                    .should()
                    .dependOnClassesThat(resideInAPackage(own))
                    .allowEmptyShould(true));
        }
        return CompositeArchRule.of(each);
    }

    /** A program that embeds the engine gets SLF4J and Gson with it, and JCuda if it asks for it, but nothing else. */
    private static ArchRule engineIsLight(String root) {
        DescribedPredicate<JavaClass> engine =
                not(resideInAnyPackage(packages(root, List.of("data", "recipe", "cli"))));
        DescribedPredicate<JavaClass> cuda = resideInAPackage(root + ".backend.cuda..");
        String[] light = {
            "java..", "javax.crypto..", "org.slf4j..", "com.google.gson..", "com.google.errorprone..", root + ".."
        };
        List<ArchRule> each = new ArrayList<>();
        DescribedPredicate<JavaClass> others = engine.and(not(cuda));
        for (Map.Entry<String, String> room : LIBRARIES_OF_ROOMS.entrySet()) {
            DescribedPredicate<JavaClass> own = resideInAPackage(root + "." + room.getKey() + "..");
            others = others.and(not(own));
            each.add(dependsOnly(own, resideInAnyPackage(light).or(resideInAPackage(room.getValue()))));
        }
        each.add(dependsOnly(others, resideInAnyPackage(light)));
        each.add(dependsOnly(cuda, resideInAnyPackage(light).or(resideInAPackage("jcuda.."))));
        return CompositeArchRule.of(each);
    }

    private static ArchRule dependsOnly(DescribedPredicate<JavaClass> own, DescribedPredicate<JavaClass> seen) {
        return classes().that(own).should().onlyDependOnClassesThat(seen).allowEmptyShould(true);
    }

    private static String[] packages(String root, List<String> names) {
        return names.stream().map(name -> root + "." + name + "..").toArray(String[]::new);
    }
}
