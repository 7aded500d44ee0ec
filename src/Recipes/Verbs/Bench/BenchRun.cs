using Recipes.Layers;
using Recipes.Models;
using Recipes.Training;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes.Verbs;

// One run of the verb: models are prepared, their outputs compared, then all are timed in turn.
internal sealed class BenchRun(BenchOptions? given, IProgress<string>? progress, CancellationToken cancellation)
{
    private readonly BenchOptions _options = given ?? new BenchOptions();
    private readonly List<Action<BenchWork>> _models = [];
    private readonly Dictionary<string, NetworkSpec> _specs = new(StringComparer.Ordinal);

    public BenchRun Add(Module model)
    {
        if (model is ISpecified { Spec: var spec })
            _specs[model.GetName()] = spec;
        _models.Add(work => work.Add(model, cancellation));
        return this;
    }

    public BenchRun Add(NetworkSpec spec)
    {
        _specs[spec.Name] = spec;
        _models.Add(work =>
        {
            progress?.Report($"building {spec.Name}");
            using var model = spec.Build();
            model.eval();
            if (_options.Form == BenchForm.Folded)
                Modules.Fold(model); // at once, without a copy
            work.Add(model, cancellation);
        });
        return this;
    }

    public BenchEvidence Measure()
    {
        _options.Check();
        using var threads = new BenchThreads(_options.Threads);
        using var work = new BenchWork(_options);
        foreach (var prepare in _models)
            prepare(work);
        var tasks = work.Tasks;
        var first = tasks.GroupBy(t => t.Case.Task).ToDictionary(g => g.Key, g => g.First(), StringComparer.Ordinal);
        var differences = tasks.Select(t => Difference(first[t.Case.Task], t)).ToList();
        progress?.Report($"timing {tasks.Count} cases in turn");
        // The untimed run outlasts the busy waiting of the other engine's threads, and warms the caches.
        var times = Latency.Times(
            [.. tasks.Select(t => (Action)t.Run)],
            _options.Rounds,
            _options.Warmup,
            i => tasks[i].Run(),
            _options.Seconds is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
            cancellation
        );
        var rows = tasks.Zip(times).ToDictionary(t => t.First, t => t.Second);
        var memory = new BenchMemory(_options, progress, cancellation);
        var results = tasks.Zip(
            differences,
            (task, difference) =>
            {
                var latency = Latency.Of(rows[task]);
                var faster = rows[first[task.Case.Task]].Zip(rows[task], (a, b) => a / b).Order().ToList();
                var bytes = memory.Of(_specs.GetValueOrDefault(task.Case.Model), task);
                return new BenchResult(
                    task.Case,
                    latency,
                    task.Case.Batch * 1000 / latency.Median,
                    faster[faster.Count / 2],
                    bytes,
                    difference
                );
            }
        );
        return new BenchEvidence([.. results], times[0].Count, get_num_threads(), TorchText(), memory.Notes);
    }

    // All engines and forms compute the same, or there is nothing to compare.
    private double Difference(BenchTask reference, BenchTask task)
    {
        cancellation.ThrowIfCancellationRequested();
        using var scope = NewDisposeScope();
        using var _ = inference_mode();
        var difference = reference.Outputs().Zip(task.Outputs(), ExportCheck.Difference).Max();
        if (!double.IsFinite(difference))
            throw new RecipesException($"{task.Case.Task}: {task.Case.Way} puts out numbers that are not finite.");
        return difference <= _options.Tolerance || _options.Precision == Precision.Bf16
            ? difference
            : throw new RecipesException(
                $"{task.Case.Task}: the outputs of {task.Case.Way} differ from those of {reference.Case.Way} by {difference:G3} relative, allowed {_options.Tolerance:G3}. Times of different computations say nothing; 'recipes model export --check' finds the part."
            );
    }

    private string TorchText()
    {
        var layout = _options.Layout switch
        {
            ChannelsLast.Off => "channels as they are",
            ChannelsLast.On => "channels innermost",
            _ => "channels innermost on the CPU",
        };
        return _options.Precision == Precision.Bf16 ? $"{layout}, bf16" : layout;
    }
}

// While it lives, torch computes with so many threads.
internal sealed class BenchThreads : IDisposable
{
    private readonly int _before = get_num_threads();

    public BenchThreads(int? threads) => set_num_threads(threads ?? _before);

    public void Dispose() => set_num_threads(_before);
}
