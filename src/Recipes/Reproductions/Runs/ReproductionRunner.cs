using System.Diagnostics;
using System.Text.Json.Nodes;
using Recipes.Data;
using Recipes.Training;

namespace Recipes.Reproductions;

/// <summary>Runs a reproduction: arms by seed, then claims. The report is written by the caller from the outcome.</summary>
public static class ReproductionRunner
{
    /// <summary>Runs all arms that can run, judges all claims, and writes the run's folder.</summary>
    /// <param name="reproduction">What to run.</param>
    /// <param name="options">Scale, seed, settings, folder.</param>
    /// <param name="observer">Who watches; null for nobody.</param>
    /// <param name="cancellation">Ctrl-C: the step is finished and a checkpoint written.</param>
    /// <exception cref="RecipesException">Settings, data or folder cannot be used.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; <c>--resume</c> goes on.</exception>
    public static RunOutcome Run(
        this Reproduction reproduction,
        RunOptions options,
        IRunObserver? observer = null,
        CancellationToken cancellation = default
    )
    {
        var clock = Stopwatch.StartNew();
        var settings = Settings.Create(reproduction.AllSettings, options.Scale, options.Seed, options.Set);
        var seeds = Enumerable.Range(0, settings.Get(reproduction.Seeds)).Select(i => options.Seed + i).ToList();
        var device = Devices.Choose(options.Device).ToString();
        var results = new Results(settings, seeds);
        var trainings = Plan(reproduction, settings, seeds, results, observer);
        var folder = RunFolder.Open("runs", reproduction.Paper.Name, Json(reproduction, settings, trainings), options);
        observer?.Started(folder, trainings.Count);
        using var shared = new SharedWork(folder["shared"]) { Preparing = what => observer?.Preparing(what) };
        foreach (var (training, number) in trainings.Select((t, i) => (t, i)))
        {
            cancellation.ThrowIfCancellationRequested();
            if (Train(training, number, folder, options, observer, results, shared, cancellation) is { } result)
                results.Add(result);
        }
        RunMetrics.Collect(folder, trainings.Select(t => (t.Arm.Name, t.Seed)));
        var claims = new List<Claim>();
        foreach (var definition in reproduction.Claims)
        {
            cancellation.ThrowIfCancellationRequested();
            claims.Add(definition.Judge(reproduction.Paper.Name, results));
            observer?.Judged(claims[^1]);
        }
        Ledger.Write(folder.Path, claims);
        using var process = Process.GetCurrentProcess();
        return new RunOutcome(
            reproduction,
            results,
            ClaimsTable.From(claims),
            folder,
            new RunFacts(clock.Elapsed.TotalSeconds, process.PeakWorkingSet64, device)
        );
    }

    private sealed record ArmTraining(Arm Arm, long Seed, IExperiment Experiment, JsonNode Json);

    // Every recipe is built, and so checked, before the first one runs.
    private static List<ArmTraining> Plan(
        Reproduction reproduction,
        Settings settings,
        List<long> seeds,
        Results results,
        IRunObserver? observer
    )
    {
        var trainings = new List<ArmTraining>();
        foreach (var arm in reproduction.Arms)
        {
            if (arm.Skip(settings) is { } reason)
            {
                results.Skip(arm.Name, reason);
                observer?.ArmSkipped(arm.Name, reason);
                continue;
            }
            trainings.AddRange(
                seeds
                    .Select(seed => (seed, recipe: arm.Build(settings, seed)))
                    .Select(t => new ArmTraining(arm, t.seed, t.recipe, t.recipe.ToJson()))
            );
        }
        return trainings;
    }

    private static JsonObject Json(Reproduction reproduction, Settings settings, List<ArmTraining> trainings) =>
        new()
        {
            ["reproduction"] = reproduction.Paper.Name,
            ["scale"] = settings.Scale.ToString().ToLowerInvariant(),
            ["settings"] = new JsonObject(settings.Values.Select(p => KeyValuePair.Create(p.Key, (JsonNode?)p.Value))),
            ["trainings"] = new JsonArray([
                .. trainings.Select(t => new JsonObject
                {
                    ["arm"] = t.Arm.Name,
                    ["seed"] = t.Seed,
                    ["recipe"] = t.Json.DeepClone(),
                }),
            ]),
        };

    // Null when an optional arm's data are not here.
    private static ArmResult? Train(
        ArmTraining training,
        int number,
        RunFolder folder,
        RunOptions options,
        IRunObserver? observer,
        Results results,
        SharedWork shared,
        CancellationToken cancellation
    )
    {
        var (arm, seed) = (training.Arm, training.Seed);
        var home = folder.Arm(arm.Name, seed);
        var file = Path.Combine(home, "result.json");
        if (options.Resume && ArmResult.TryRead(file, training.Json) is { } finished)
        {
            observer?.ArmFinished(finished, resumed: true);
            return finished;
        }
        try
        {
            var watcher = observer?.ArmStarted(arm.Name, seed, number);
            using var metrics = new MetricsFile(home);
            ITrainingObserver[] files = [metrics, new TensorBoardEvents(home)];
            var surroundings = new TrainOptions
            {
                Folder = home,
                Resume = options.Resume,
                Cancellation = cancellation,
                Observers = watcher is null ? files : [.. files, watcher],
            };
            var result = training.Experiment.Run(arm.Name, seed, new Surroundings(surroundings, options.Device, shared));
            result.Write(file);
            observer?.ArmFinished(result, resumed: false);
            return result;
        }
        catch (MissingDataException e) when (arm.Optional)
        {
            results.Skip(arm.Name, e.Problems[0]);
            observer?.ArmSkipped(arm.Name, e.Problems[0]);
            return null;
        }
    }
}
