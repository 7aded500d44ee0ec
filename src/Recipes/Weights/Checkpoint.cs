using System.Text.Json;
using System.Text.Json.Nodes;
using static TorchSharp.torch;

namespace Recipes.Weights;

/// <summary>
/// Everything that a run needs to continue bit by bit, in one safetensors file: the tensors (weights, optimizer moments,
/// moving averages, each group under its prefix) and a JSON object of scalars (step, epoch, stream positions, schedule).
/// </summary>
/// <remarks>Any safetensors reader opens it. Its <c>__metadata__</c> holds <c>recipes.checkpoint</c> (the format's version),
/// <c>recipes.model</c>, <c>recipes.keys</c>, <c>recipes.recipe</c> and <c>recipes.state</c>.</remarks>
public sealed class Checkpoint : IDisposable
{
    private const int Version = 1;
    private const string Mark = "recipes.checkpoint";
    private const string ModelKey = "recipes.model";
    private const string KeysKey = "recipes.keys";
    private const string RecipeKey = "recipes.recipe";
    private const string StateKey = "recipes.state";

    private Checkpoint(SafetensorsFile file, Fingerprint fingerprint, JsonObject state) =>
        (File, Fingerprint, State) = (file, fingerprint, state);

    /// <summary>The tensors, read when they are asked for.</summary>
    public SafetensorsFile File { get; }

    /// <summary>What was saved.</summary>
    public Fingerprint Fingerprint { get; }

    /// <summary>The scalars as they were saved; numbers come back exactly.</summary>
    public JsonObject State { get; }

    /// <summary>Saves a checkpoint. The old file stays until the new one is on disk, so a kill at any moment leaves one that
    /// is whole; what an earlier, killed save left behind is removed.</summary>
    /// <param name="path">The file.</param>
    /// <param name="fingerprint">What the checkpoint belongs to.</param>
    /// <param name="tensors">All tensors; build groups with <see cref="Under"/>.</param>
    /// <param name="state">The scalars; numbers must be finite.</param>
    /// <exception cref="RecipesException">The place cannot be written or a value cannot be held; the old file stays.</exception>
    public static void Save(string path, Fingerprint fingerprint, IEnumerable<KeyValuePair<string, Tensor>> tensors, JsonObject state)
    {
        RemoveLeftovers(path);
        var metadata = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["format"] = "pt",
            [Mark] = $"{Version}",
            [ModelKey] = fingerprint.Model,
            [KeysKey] = fingerprint.Keys,
            [RecipeKey] = fingerprint.Recipe,
            [StateKey] = Json(path, state),
        };
        SafetensorsWriter.Write(path, tensors, metadata, TensorOrder.Given);
    }

    /// <summary>Opens a checkpoint, and checks that it belongs to what is being continued.</summary>
    /// <param name="path">The file.</param>
    /// <param name="wanted">What it must belong to; null opens any.</param>
    /// <exception cref="RecipesException">The file is damaged, is no checkpoint, comes from a newer version, or belongs to
    /// another model or recipe (all differences together).</exception>
    public static Checkpoint Open(string path, Fingerprint? wanted = null)
    {
        var file = SafetensorsFile.Open(path);
        try
        {
            CheckVersion(file);
            var fingerprint = new Fingerprint(Text(file, ModelKey), Text(file, KeysKey), Text(file, RecipeKey));
            var differences = wanted is null ? [] : fingerprint.Differences(wanted);
            RecipesException.ThrowIfAny(
                $"{path} is a checkpoint of something else; start anew in another folder, or give the right checkpoint:",
                differences
            );
            return new Checkpoint(file, fingerprint, ParseState(file));
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Tensors under a prefix, such as <c>Under("model.", StateDict.Of(model))</c>.</summary>
    public static IEnumerable<KeyValuePair<string, Tensor>> Under(string prefix, IEnumerable<KeyValuePair<string, Tensor>> tensors) =>
        tensors.Select(t => KeyValuePair.Create(prefix + t.Key, t.Value));

    /// <summary>Loads the tensors under a prefix into a module, compared first like any state dict.</summary>
    /// <exception cref="RecipesException">They do not fit; all differences together, and nothing is loaded.</exception>
    public void Load(string prefix, nn.Module module) => StateDict.Load(module, File, prefix, Fingerprint.Model);

    /// <summary>Unmaps the file.</summary>
    public void Dispose() => File.Dispose();

    private static string Json(string path, JsonObject state)
    {
        try
        {
            return state.ToJsonString();
        }
        catch (ArgumentException e)
        {
            throw new RecipesException(
                $"{path}: the state holds a number that is not finite, which JSON cannot hold; leave it out or save it as text.",
                e
            );
        }
    }

    private static void CheckVersion(SafetensorsFile file)
    {
        if (!file.Metadata.TryGetValue(Mark, out var version))
            throw new RecipesException(
                $"{file.Path} holds weights, but is no checkpoint: {Mark} is missing from its metadata. To start from weights, load them into the model."
            );
        if (version != $"{Version}")
            throw new RecipesException(
                $"{file.Path} is a checkpoint of version {version}, this program reads version {Version}; continue it with the program that wrote it."
            );
    }

    private static string Text(SafetensorsFile file, string key) =>
        file.Metadata.TryGetValue(key, out var text)
            ? text
            : throw new RecipesException($"{file.Path}: {key} is missing from the checkpoint's metadata; the file was changed.");

    private static JsonObject ParseState(SafetensorsFile file)
    {
        try
        {
            return JsonNode.Parse(Text(file, StateKey)) as JsonObject
                ?? throw new RecipesException($"{file.Path}: {StateKey} is not a JSON object; the file was changed.");
        }
        catch (JsonException e)
        {
            throw new RecipesException($"{file.Path}: {StateKey} is not JSON ({e.Message}); the file was changed.", e);
        }
    }

    // AtomicFile writes beside the file as NAME.PID.tmp. Those of this process or of one that has ended are dead.
    private static void RemoveLeftovers(string path)
    {
        var full = Path.GetFullPath(path);
        var start = Path.GetFileName(full) + ".";
        var folder = new DirectoryInfo(Path.GetDirectoryName(full)!);
        if (!folder.Exists)
            return;
        foreach (var temporary in folder.EnumerateFiles("*.tmp").Where(f => f.Name.StartsWith(start, StringComparison.Ordinal)))
        {
            if (int.TryParse(temporary.Name[start.Length..^".tmp".Length].Split('-')[0], out var process) && !RunsElsewhere(process))
                DeleteIfPossible(temporary);
        }
    }

    private static void DeleteIfPossible(FileInfo file)
    {
        try
        {
            file.Delete();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It only takes room; the save itself will say what is wrong with the folder.
        }
    }

    private static bool RunsElsewhere(int process)
    {
        if (process == Environment.ProcessId)
            return false;
        try
        {
            using var running = System.Diagnostics.Process.GetProcessById(process);
            return !running.HasExited;
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException)
        {
            return false;
        }
    }
}
