namespace Recipes.Notebook.Running.Kernel;

// How the kernel process is started, and how long the runner is patient with it.
internal sealed record KernelLaunch(string FileName, IReadOnlyList<string> Arguments, string WorkingDirectory)
{
    /// <summary>Until the process has said hello.</summary>
    public TimeSpan Start { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Between asking a cell to stop and ending the process; also for the process to leave at the end.</summary>
    public TimeSpan Grace { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary><c>recipes notebook host</c> of this installation, run by the same dotnet.</summary>
    /// <param name="folder">Where the cells run.</param>
    /// <param name="language">Of the cells that name none.</param>
    public static KernelLaunch Recipes(string folder, string language)
    {
        var command = Path.Combine(Path.GetDirectoryName(typeof(KernelLaunch).Assembly.Location)!, "Recipes.Cli.dll");
        return new(Dotnet(), [command, "notebook", "host", "--language", language, "--pipe"], folder);
    }

    private static string Dotnet()
    {
        var here = Environment.ProcessPath;
        if (here is not null && Path.GetFileNameWithoutExtension(here) == "dotnet")
            return here;
        return Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") is { Length: > 0 } host ? host : "dotnet";
    }
}
