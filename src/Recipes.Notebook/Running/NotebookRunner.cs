using Recipes.Notebook.Running.Kernel;

namespace Recipes.Notebook.Running;

/// <summary>Runs notebooks without a front end. The cells run in a process of their own, in the notebook's folder.</summary>
public static class NotebookRunner
{
    /// <summary>
    /// Runs a notebook's cells in order up to the first that fails. The outputs are in the file after every cell, whatever
    /// happens; cells that are not reached keep their old ones.
    /// </summary>
    /// <param name="file">An <c>.ipynb</c> or <c>.dib</c>; it stays as it is unless the options name it.</param>
    /// <param name="options">Parameters, places, limits.</param>
    /// <param name="observer">Watches; null: no one.</param>
    /// <param name="cancellation">Ctrl-C: stops the running cell and ends the run in good order.</param>
    /// <exception cref="RecipesException">Wrong parameters or options, an unreadable notebook, a place that cannot be written.</exception>
    public static Task<NotebookRun> RunAsync(
        string file,
        NotebookRunOptions? options = null,
        INotebookRunObserver? observer = null,
        CancellationToken cancellation = default
    )
    {
        options ??= new();
        var output = Output(file, options);
        var notebook = PreparedNotebook.Load(file, options.Parameters);
        return RunAsync(notebook, output, options, KernelLaunch.Recipes(notebook.Folder, notebook.Language), observer, cancellation);
    }

    internal static async Task<NotebookRun> RunAsync(
        PreparedNotebook notebook,
        string? output,
        NotebookRunOptions options,
        KernelLaunch launch,
        INotebookRunObserver? observer,
        CancellationToken cancellation
    )
    {
        var saver = new RunSaver(notebook.Document, output);
        saver.Save();
        await using var loop = new RunLoop(notebook, output, options, saver, observer, cancellation);
        try
        {
            return await loop.Run(launch);
        }
        finally
        {
            saver.Save();
        }
    }

    private static string Output(string file, NotebookRunOptions options)
    {
        var ipynb = Path.GetExtension(file).Equals(".ipynb", StringComparison.OrdinalIgnoreCase);
        var problems = new List<string>();
        if (options.InPlace && options.Out is not null)
            problems.Add("--in-place and --out: give one of them");
        if (options.InPlace && !ipynb)
            problems.Add($"--in-place: {Path.GetExtension(file)} files store no outputs. Use --out NAME.ipynb");
        if (options.Out is { } place && !place.EndsWith(".ipynb", StringComparison.OrdinalIgnoreCase))
            problems.Add($"--out {place}: expected an .ipynb file, for the others store no outputs");
        foreach (var (name, limit) in new[] { ("--timeout", options.Timeout), ("--cell-timeout", options.CellTimeout) })
            if (limit is { Ticks: <= 0 })
                problems.Add($"{name} {limit.Value.TotalSeconds}: expected more than 0 seconds");
        if (options.OutputLimit <= 0)
            problems.Add($"--output-limit {options.OutputLimit / 1e6}: expected more than 0 MB");
        RecipesException.ThrowIfAny($"{file}: cannot run so:", problems);
        var stem = Path.GetFileNameWithoutExtension(file);
        return options.InPlace ? file : options.Out ?? Path.Combine("runs", "notebooks", stem, $"{stem}.ipynb");
    }
}
