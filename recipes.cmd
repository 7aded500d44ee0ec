@echo off
rem Prepares the checkout once (tools, packages, build), then is the `recipes` command. The Windows twin of recipes.sh.
setlocal enableextensions
set "RECIPES_ROOT=%~dp0"
set "DOTNET_NOLOGO=1"
set "DOTNET_CLI_TELEMETRY_OPTOUT=1"
where dotnet >nul 2>nul || (
  echo recipes: the .NET 10 SDK is missing: 'dotnet' is not on the PATH. 1>&2
  exit /b 2
)
if defined RECIPES_NO_BUILD goto run
pushd "%RECIPES_ROOT%"
if not defined NUGET_FEED (
  for /f "tokens=1,*" %%a in ('dotnet nuget list source --format Short') do (
    if not defined NUGET_FEED if /i "%%a"=="E" set "NUGET_FEED=%%b"
  )
)
if not exist paket.lock goto restore
if not exist .paket\Paket.Restore.targets goto restore
rem xcopy /d /l lists the source only when it is newer than the destination.
xcopy /d /l /y paket.dependencies paket.lock 2>nul | findstr /b "1" >nul && goto restore
goto build
:restore
echo recipes: restoring tools and packages (once) ... 1>&2
call dotnet tool restore >nul || (popd & exit /b 2)
call dotnet paket install >nul || (popd & exit /b 2)
:build
rem MSBuild finds out by itself that there is nothing to do.
call dotnet build src\Recipes.Cli\Recipes.Cli.fsproj -c Release -v quiet --nologo 1>&2 || (popd & exit /b 2)
popd
:run
dotnet "%RECIPES_ROOT%bin\Recipes.Cli.dll" %*
exit /b %errorlevel%
