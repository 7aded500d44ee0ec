using System.Runtime.InteropServices;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Recipes.Notebook.Jupyter;

/// <summary>A kernel that Jupyter can start.</summary>
/// <param name="Name">What notebooks call it; the folder's name.</param>
/// <param name="Display">What people see.</param>
/// <param name="Folder">Where it is registered.</param>
/// <param name="Command">The command that starts it.</param>
/// <param name="Ours">Whether it starts this build.</param>
public sealed record KernelSpec(string Name, string Display, string Folder, IReadOnlyList<string> Command, bool Ours);

/// <summary>Registers this build's kernels with Jupyter: one folder each, with its command and logo.</summary>
/// <param name="folder">The <c>kernels</c> folder of one of Jupyter's data folders.</param>
public sealed partial class KernelSpecs(string folder)
{
    private const string File = "kernel.json";
    private static readonly string _program = Path.Combine(AppContext.BaseDirectory, "Recipes.Cli.dll");

    private static readonly JsonSerializerOptions _json = new()
    {
        WriteIndented = true,
        IndentSize = 1,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Where the kernels lie.</summary>
    public string Folder { get; } = Path.GetFullPath(folder);

    /// <summary>The kernels of this user: <c>JUPYTER_DATA_DIR</c>, else where Jupyter looks on this platform.</summary>
    public static KernelSpecs User() => new(Path.Combine(Variable("JUPYTER_DATA_DIR") ?? UserData(), "kernels"));

    /// <summary>The kernels below a prefix, such as <c>/usr/local</c> or a virtual environment.</summary>
    public static KernelSpecs Prefix(string prefix) => new(Path.Combine(prefix, "share", "jupyter", "kernels"));

    /// <summary>The kernels of the virtual or Conda environment that is active.</summary>
    /// <exception cref="RecipesException">None is.</exception>
    public static KernelSpecs Environment() =>
        Prefix(
            Variable("VIRTUAL_ENV")
                ?? Variable("CONDA_PREFIX")
                ?? throw new RecipesException(
                    "--sys-prefix: no environment is active (VIRTUAL_ENV and CONDA_PREFIX are not set). Activate it, or give its folder with --prefix."
                )
        );

    /// <summary>Registers a kernel that starts this build, in place of an older one of that name.</summary>
    /// <param name="language">Its language.</param>
    /// <param name="name">Null: the language's usual name.</param>
    /// <param name="display">Null: the language's usual title.</param>
    /// <exception cref="RecipesException">The name does not fit, or the folder cannot be written; nothing has changed then.</exception>
    public KernelSpec Install(KernelLanguage language, string? name = null, string? display = null)
    {
        name ??= language.Spec;
        if (!Name().IsMatch(name))
            throw new RecipesException($"--name {name}: expected letters, digits, '.', '-' and '_' only.");
        string[] command = [DotNet(), _program, "notebook", "kernel", "start", "--language", language.Name, "{connection_file}"];
        var spec = new JsonObject
        {
            ["argv"] = new JsonArray([.. command.Select(word => (JsonNode)word)]),
            ["display_name"] = display ?? language.Display,
            ["language"] = language.Title,
            ["interrupt_mode"] = "message",
            ["metadata"] = new JsonObject { ["debugger"] = false },
        };
        Replace(
            Path.Combine(Folder, name),
            place =>
            {
                AtomicFile.WriteText(Path.Combine(place, File), spec.ToJsonString(_json) + "\n");
                AtomicFile.WriteText(Path.Combine(place, "logo-svg.svg"), KernelLogo.Svg(language.Name));
                foreach (var size in (int[])[32, 64])
                    AtomicFile.Write(
                        Path.Combine(place, $"logo-{size}x{size}.png"),
                        file => file.Write(KernelLogo.Png(language.Name, size))
                    );
            }
        );
        return Read(Path.Combine(Folder, name))!;
    }

    /// <summary>The kernels registered here, ours and others'; what is no kernelspec is left out.</summary>
    public IReadOnlyList<KernelSpec> List() =>
        Directory.Exists(Folder)
            ? [.. Directory.GetDirectories(Folder).Order(StringComparer.Ordinal).Select(Read).OfType<KernelSpec>()]
            : [];

    /// <summary>Removes our kernels of these names; without names, all that start this build.</summary>
    /// <exception cref="RecipesException">A name is not registered, or belongs to another program; nothing is removed then.</exception>
    public IReadOnlyList<KernelSpec> Uninstall(IReadOnlyList<string> names)
    {
        var all = List();
        List<string> problems = [];
        foreach (var name in names)
        {
            if (all.FirstOrDefault(s => s.Name == name) is not { } known)
                problems.Add($"{name}: not registered{Nearest.Hint(name, all.Select(s => s.Name))}");
            else if (!known.Ours)
                problems.Add($"{name}: not ours; it starts {string.Join(' ', known.Command)}");
        }
        RecipesException.ThrowIfAny($"{Folder}: nothing is removed.", problems);
        var ours = all.Where(s => s.Ours && (names.Count == 0 || names.Contains(s.Name, StringComparer.Ordinal))).ToList();
        ours.ForEach(spec => Replace(spec.Folder, null));
        return ours;
    }

    private static KernelSpec? Read(string folder)
    {
        try
        {
            var spec = JsonNode.Parse(System.IO.File.ReadAllText(Path.Combine(folder, File)))!;
            string[] command = [.. spec["argv"]!.AsArray().Select(word => (string)word!)];
            return new KernelSpec(Path.GetFileName(folder), (string)spec["display_name"]!, folder, command, command.Contains(_program));
        }
        catch (Exception e) when (e is IOException or JsonException or InvalidOperationException or NullReferenceException)
        {
            return null;
        }
    }

    // The new folder is made beside its place and moved there; the old one leaves first, and comes back when that fails.
    private static void Replace(string place, Action<string>? make)
    {
        var (made, old) = ($"{place}.{System.Environment.ProcessId}.tmp", $"{place}.{System.Environment.ProcessId}.old");
        try
        {
            make?.Invoke(made);
            if (Directory.Exists(place))
                Directory.Move(place, old);
            if (make is not null)
                Directory.Move(made, place);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            if (Directory.Exists(old) && !Directory.Exists(place))
                Directory.Move(old, place);
            throw new RecipesException($"{place}: cannot be written ({e.Message.TrimEnd('.')}). Choose another place with --prefix.", e);
        }
        finally
        {
            foreach (var left in (string[])[made, old])
                if (Directory.Exists(left))
                    Directory.Delete(left, recursive: true);
        }
    }

    // The runtime that runs this lies three folders below its dotnet.
    private static string DotNet() =>
        Path.GetFullPath(
            Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet")
        );

    private static string UserData()
    {
        var home = System.Environment.GetFolderPath(System.Environment.SpecialFolder.UserProfile);
        return OperatingSystem.IsWindows() ? Path.Combine(Variable("APPDATA") ?? home, "jupyter")
            : OperatingSystem.IsMacOS() ? Path.Combine(home, "Library", "Jupyter")
            : Path.Combine(Variable("XDG_DATA_HOME") ?? Path.Combine(home, ".local", "share"), "jupyter");
    }

    private static string? Variable(string name) => System.Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;

    [GeneratedRegex("^[A-Za-z0-9._-]+$", RegexOptions.None, 1000)]
    private static partial Regex Name();
}
