using System.Globalization;
using System.Text.Json.Nodes;

namespace Recipes.Reproductions;

/// <summary>
/// A run's folder: <c>recipe.json</c>, <c>metrics.jsonl</c>, <c>claims.json</c>, <c>report.html</c>, and a folder for each arm and
/// seed with checkpoints, metrics and TensorBoard events.
/// </summary>
public sealed class RunFolder
{
    private RunFolder(string path)
    {
        Path = path;
    }

    /// <summary>Where it is.</summary>
    public string Path { get; }

    /// <summary>A file in it.</summary>
    public string this[string name] => System.IO.Path.Combine(Path, name);

    /// <summary>The report.</summary>
    public string Report => this["report.html"];

    /// <summary>The folder of one arm and seed.</summary>
    public string Arm(string arm, long seed) =>
        this[System.IO.Path.Combine("arms", Safe(arm), string.Create(CultureInfo.InvariantCulture, $"seed-{seed}"))];

    /// <summary>
    /// Opens a run's folder: a new one, or with <see cref="RunOptions.Resume"/> the newest unfinished one of the same recipes.
    /// </summary>
    /// <param name="root">The folder that holds all runs, usually <c>runs</c>.</param>
    /// <param name="name">The reproduction.</param>
    /// <param name="recipe">The canonical JSON of everything that runs; its hash names the folder.</param>
    /// <param name="options">Where, and whether to resume.</param>
    /// <exception cref="RecipesException">There is nothing to resume, the folder is of other recipes, or it cannot be written.</exception>
    public static RunFolder Open(string root, string name, JsonNode recipe, RunOptions options)
    {
        var hash = CanonicalJson.Hash(recipe);
        var scale = options.Scale.ToString().ToLowerInvariant();
        var path = options.Out ?? (options.Resume ? Newest(System.IO.Path.Combine(root, name), $"-{scale}-{hash}") : null);
        if (options.Resume && path is null)
        {
            throw new RecipesException(
                $"nothing to resume: no unfinished run of {name} at {scale} scale with these settings in {System.IO.Path.Combine(root, name)}. Run without --resume."
            );
        }
        path ??= System.IO.Path.Combine(
            root,
            name,
            DateTime.Now.ToString("yyyyMMdd-HHmmss", CultureInfo.InvariantCulture) + $"-{scale}-{hash}"
        );
        var folder = new RunFolder(System.IO.Path.GetFullPath(path));
        folder.Check(recipe, options);
        AtomicFile.WriteText(folder["recipe.json"], recipe.ToJsonString(CanonicalJson.Options) + "\n");
        return folder;
    }

    /// <summary>The newest finished run of a reproduction, or null.</summary>
    public static string? NewestFinished(string root, string name) =>
        Runs(System.IO.Path.Combine(root, name)).FirstOrDefault(run => File.Exists(System.IO.Path.Combine(run, Ledger.FileName)));

    // A folder given by --out may hold an earlier run: the same recipes resume or run again, others are an error.
    private void Check(JsonNode recipe, RunOptions options)
    {
        var file = this["recipe.json"];
        if (!File.Exists(file))
            return;
        JsonNode? there = null;
        try
        {
            there = JsonNode.Parse(File.ReadAllText(file));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or System.Text.Json.JsonException)
        {
            throw new RecipesException(
                $"{file}: expected a run's recipe, found what does not read ({e.Message.TrimEnd('.')}). Choose another --out.",
                e
            );
        }
        if (!JsonNode.DeepEquals(there, recipe))
            throw new RecipesException($"{Path} holds a run of other recipes or settings (its recipe.json differs). Choose another --out.");
        if (options.Resume)
            return;
        foreach (var old in (string[])[this["arms"], this["metrics.jsonl"], this[Ledger.FileName], Report])
        {
            if (Directory.Exists(old))
                Directory.Delete(old, recursive: true);
            else
                File.Delete(old);
        }
    }

    private static string? Newest(string folder, string suffix) =>
        Runs(folder)
            .FirstOrDefault(run =>
                run.EndsWith(suffix, StringComparison.Ordinal) && !File.Exists(System.IO.Path.Combine(run, Ledger.FileName))
            );

    private static IEnumerable<string> Runs(string folder) =>
        Directory.Exists(folder) ? Directory.GetDirectories(folder).OrderByDescending(run => run, StringComparer.Ordinal) : [];

    private static string Safe(string arm) => string.Concat(arm.Select(c => char.IsLetterOrDigit(c) || c is '-' or '=' or '.' ? c : '_'));
}
