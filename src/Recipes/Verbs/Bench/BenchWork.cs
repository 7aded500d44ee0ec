using Recipes.Layers;
using Recipes.Onnx;
using Recipes.Training;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes.Verbs;

// Everything that is to be run: prepared networks, opened exports, inputs. The model that is given stays as it is.
internal sealed class BenchWork : IDisposable
{
    private readonly BenchOptions _options;
    private readonly List<IDisposable> _owned = [];
    private readonly List<BenchTask> _tasks = [];
    private readonly string _folder = Directory.CreateTempSubdirectory("recipes-bench-").FullName;

    public BenchWork(BenchOptions options) => _options = options;

    /// <summary>The cases, in the order of the table.</summary>
    public IReadOnlyList<BenchTask> Tasks =>
        [
            .. _tasks
                .Select((task, i) => (task, i))
                .GroupBy(t => t.task.Case.Task)
                .SelectMany(g => g.OrderBy(t => t.task.Case.Engine).ThenBy(t => t.task.Case.Form).ThenBy(t => t.i).Select(t => t.task)),
        ];

    /// <summary>Adds all cases of a model in evaluation mode.</summary>
    /// <param name="model">The model, which stays as it is.</param>
    /// <param name="cancellation">Stops between cases.</param>
    public void Add(Module model, CancellationToken cancellation)
    {
        using var _ = no_grad();
        foreach (var form in Forms(model))
        {
            cancellation.ThrowIfCancellationRequested();
            var plain = form == BenchForm.Folded && Modules.IsFolded(model) == false ? Folded(model) : model;
            try
            {
                Add(Modules.NameOf(model), plain, form, cancellation);
            }
            finally
            {
                if (!ReferenceEquals(plain, model))
                    plain.Dispose();
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _tasks.ForEach(t => t.Dispose());
        _owned.ForEach(o => o.Dispose());
        Directory.Delete(_folder, recursive: true);
    }

    private void Add(string name, Module plain, BenchForm? form, CancellationToken cancellation)
    {
        var torch = _options.Engines.Contains(BenchEngine.Torch)
            ? Own(TorchEngine.Prepare(plain, _options.Layout, _options.Precision))
            : null;
        int?[] resolutions = _options.Resolutions.Count > 0 ? [.. _options.Resolutions] : [null];
        var seen = new HashSet<BenchCase>();
        foreach (var resolution in resolutions)
        {
            var export = new ExportOptions { Resolution = resolution, Part = _options.Part };
            var prepared = torch is null ? null : ExportParts.Of(torch, export);
            foreach (var part in Chosen(ExportParts.Of(plain, export)))
            {
                var label = ExportParts.IsOnly(plain) ? "" : part.Name;
                var sizes = _options.Batches.SelectMany(b => BenchSizes.Of(part, b, _options.Tokens).Select(s => (Batch: b, Sizes: s)));
                OnnxSession? session = null;
                foreach (var (batch, size) in sizes)
                {
                    foreach (var engine in _options.Engines)
                    {
                        cancellation.ThrowIfCancellationRequested();
                        var one = new BenchCase(name, label, size.Label, batch, engine, form);
                        if (!seen.Add(one)) // a text tower, at another resolution of the images
                            continue;
                        _tasks.Add(
                            engine == BenchEngine.Torch
                                ? BenchTask.Torch(one, resolution, prepared!.First(p => p.Name == part.Name), size, _options.Precision)
                                : BenchTask.Onnx(one, resolution, part, size, session ??= Open(plain, part, resolution))
                        );
                    }
                }
            }
        }
    }

    private OnnxSession Open(Module plain, OnnxPart part, int? resolution)
    {
        var file = Path.Combine(_folder, $"{_owned.Count}.onnx");
        var options = new ExportOptions
        {
            Resolution = resolution,
            Part = part.Name,
            Dynamic = [BenchSizes.BatchAxis(part)],
        };
        try
        {
            plain.Export(file, options);
            return Own(OnnxSession.Open(file, _options.Threads));
        }
        finally
        {
            foreach (var written in Directory.GetFiles(_folder))
                File.Delete(written);
        }
    }

    private IReadOnlyList<OnnxPart> Chosen(IReadOnlyList<OnnxPart> parts) =>
        _options.Part is null && parts.Count > 1 ? [.. parts.Where(p => p.Inputs.Count == 1 || BenchSizes.IsDecoder(p))] : parts;

    private IEnumerable<BenchForm?> Forms(Module model)
    {
        var folded = Modules.IsFolded(model);
        if (_options.Form is BenchForm.Folded && folded is null)
            throw new RecipesException($"{Modules.NameOf(model)} has no block that can fold; time it without asking for a form.");
        if (_options.Form is BenchForm.TrainTime && folded == true)
            throw new RecipesException($"{Modules.NameOf(model)} is folded already; its train-time form is gone.");
        return folded is null ? [null]
            : _options.Form is { } form ? [form]
            : folded.Value ? [BenchForm.Folded]
            : [BenchForm.TrainTime, BenchForm.Folded];
    }

    private static Module Folded(Module model)
    {
        var copy = Modules.Copy(model);
        Modules.Fold(copy);
        return copy;
    }

    private T Own<T>(T value)
        where T : IDisposable
    {
        _owned.Add(value);
        return value;
    }
}
