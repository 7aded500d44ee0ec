using System.Text.Json.Nodes;
using Recipes.Notebook.Documents;
using Recipes.Notebook.Running.Comparison;
using Recipes.Notebook.Running.Kernel;

namespace Recipes.Notebook.Running;

/// <summary>Re-runs notebooks and compares what their cells show with the stored outputs.</summary>
public static class NotebookCheck
{
    /// <summary>
    /// The relative difference that numbers may have. Sums of 32-bit floats in another order move results by 1e-6 to 1e-4; what is
    /// wrong moves them by percents.
    /// </summary>
    public const double DefaultTolerance = 1e-3;

    private const string VariesTag = "varies";

    /// <summary>The notebooks of files and folders; folders are searched, hidden ones left out.</summary>
    /// <exception cref="RecipesException">A path does not exist, or holds none.</exception>
    public static IReadOnlyList<string> Find(IReadOnlyList<string> paths)
    {
        var found = new List<string>();
        var problems = new List<string>();
        foreach (var path in paths)
        {
            var files =
                Directory.Exists(path) ? InFolder(path).Order(StringComparer.Ordinal).ToList()
                : File.Exists(path) ? [path]
                : [];
            if (files.Count == 0)
                problems.Add(Directory.Exists(path) ? $"{path}: no .ipynb file in this folder" : $"{path}: no such file or folder");
            problems.AddRange(
                files
                    .Where(file => !file.EndsWith(".ipynb", StringComparison.OrdinalIgnoreCase))
                    .Select(file => $"{file}: expected an .ipynb file, for the others store no outputs to compare with")
            );
            found.AddRange(files);
        }
        RecipesException.ThrowIfAny("nothing checked:", problems);
        return [.. found.DistinctBy(Path.GetFullPath)];
    }

    /// <summary>Re-runs one notebook and compares. The file stays as it is.</summary>
    /// <param name="file">An <c>.ipynb</c> with outputs.</param>
    /// <param name="options">Parameters, limits; the places do not count. Without parameters the stored ones hold.</param>
    /// <param name="tolerance">For numbers with a fraction, relative; whole numbers must be equal.</param>
    /// <param name="observer">Watches the run.</param>
    /// <param name="cancellation">Ctrl-C.</param>
    /// <exception cref="RecipesException">An unreadable notebook, or one without stored outputs.</exception>
    public static Task<NotebookCheckResult> RunAsync(
        string file,
        NotebookRunOptions? options = null,
        double tolerance = DefaultTolerance,
        INotebookRunObserver? observer = null,
        CancellationToken cancellation = default
    )
    {
        var notebook = PreparedNotebook.Load(file, options?.Parameters ?? []);
        var launch = KernelLaunch.Recipes(notebook.Folder, notebook.Language);
        return RunAsync(notebook, options ?? new(), tolerance, launch, observer, cancellation);
    }

    /// <summary>Checks one notebook after the other. One that cannot be read is told of in its place, and the others are checked.</summary>
    /// <inheritdoc cref="RunAsync(string, NotebookRunOptions, double, INotebookRunObserver, CancellationToken)"/>
    public static async Task<NotebookCheckResults> RunAllAsync(
        IReadOnlyList<string> files,
        NotebookRunOptions? options = null,
        double tolerance = DefaultTolerance,
        INotebookRunObserver? observer = null,
        CancellationToken cancellation = default
    )
    {
        var results = new List<NotebookCheckResult>();
        foreach (var file in files.TakeWhile(_ => !cancellation.IsCancellationRequested))
        {
            try
            {
                results.Add(await RunAsync(file, options, tolerance, observer, cancellation));
            }
            catch (RecipesException e)
            {
                results.Add(new NotebookCheckResult(file, null, 0, [], e.Message));
            }
        }
        return new NotebookCheckResults(files.Count, results);
    }

    internal static async Task<NotebookCheckResult> RunAsync(
        PreparedNotebook notebook,
        NotebookRunOptions options,
        double tolerance,
        KernelLaunch launch,
        INotebookRunObserver? observer,
        CancellationToken cancellation
    )
    {
        if (notebook.Cells.All(c => c.Cell.Outputs.Count == 0))
            throw new RecipesException(
                $"{notebook.File}: no cell has stored outputs to compare with. 'recipes notebook run --in-place {notebook.File}' stores them."
            );
        var stored = notebook.Cells.ToDictionary(c => c, c => (JsonArray)c.Cell.Outputs.DeepClone());
        var run = await NotebookRunner.RunAsync(notebook, null, options, launch, observer, cancellation);
        var rule = new NumberRule(tolerance);
        var compared = run.Cells.Where(c => c.Status == CellRunStatus.Passed).ToList();
        var differences =
            from cell in compared
            let comparison = new OutputComparison(rule, Varies(cell.Cell))
            from difference in comparison.Compare(stored[cell], cell.Cell.Outputs)
            select new OutputDifference(
                cell.Number,
                difference.Output,
                difference.Finding.What,
                Brief(difference.Finding.Stored),
                Brief(difference.Finding.Now)
            );
        return new NotebookCheckResult(notebook.File, run, compared.Count, [.. differences], null);
    }

    private static bool Varies(NotebookCell cell) =>
        cell.Tags.Contains(VariesTag)
        || (cell.Metadata["recipes"] is JsonObject recipes && recipes[VariesTag] is JsonValue flag && flag.TryGetValue(out bool on) && on);

    private static IEnumerable<string> InFolder(string folder) =>
        Directory
            .EnumerateFiles(folder, "*.ipynb", SearchOption.AllDirectories)
            .Where(file => !Path.GetRelativePath(folder, file).Split(Path.DirectorySeparatorChar).Any(part => part.StartsWith('.')));

    private static string Brief(string text) => text.Length > 240 ? text[..240] + "…" : text;
}
